// The key never leaves the browser: no script of the page can read its private half, and no other device has it.
import { api, claim, expect, PEOPLE, test, token } from '../support/test';
import { seal } from '../support/steps';

test('the private key is not exportable by script and stays on its device', async ({ enter, signet }) => {
  const creator = await token(signet, PEOPLE.creator);
  const made = await api(signet, creator, 'POST', '/api/v1/documents', {
    type: 'EXP',
    fields: { ...claim('24.00'), department: 'Works', date: '2026-11-23', reason: 'Taxi' },
  });
  const { number } = await made.json();
  const page = await enter(PEOPLE.head);
  await seal(page, number);

  const tries = await page.evaluate(async () => {
    const database: IDBDatabase = await new Promise((resolve, reject) => {
      const open = indexedDB.open('signet');
      open.onsuccess = () => resolve(open.result);
      open.onerror = () => reject(open.error);
    });
    const entries: { pair: CryptoKeyPair }[] = await new Promise((resolve) => {
      const all = database.transaction('keys').objectStore('keys').getAll();
      all.onsuccess = () => resolve(all.result);
    });
    const forms = ['pkcs8', 'jwk', 'raw', 'spki'] as const;
    const outcome: string[] = [];
    for (const form of forms) {
      outcome.push(await crypto.subtle.exportKey(form, entries[0].pair.privateKey).then(() => 'exported', () => 'refused'));
    }
    return { count: entries.length, extractable: entries[0].pair.privateKey.extractable, outcome };
  });
  expect(tries).toEqual({ count: 1, extractable: false, outcome: ['refused', 'refused', 'refused', 'refused'] });

  // Another device of the same person has no key until it makes one of its own; each is listed.
  const second = await enter(PEOPLE.head, '/keys');
  await second.getByRole('button', { name: "Make this device's key" }).click();
  await expect(second.getByText(/This device/i).first()).toBeVisible();
  const mine = await (await api(signet, await token(signet, PEOPLE.head), 'GET', '/api/v1/certificates')).json();
  expect((mine.items ?? mine).length).toBeGreaterThanOrEqual(2);
});
