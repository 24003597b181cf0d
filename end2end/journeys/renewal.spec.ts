// The life of a key: renewed by the old one, asked about when it is new, ended when its device is lost.
import type { Page } from '@playwright/test';
import { api, claim, expect, PEOPLE, test, token, type Signet } from '../support/test';
import { seal } from '../support/steps';

type Certificate = { serial: string; state: string; continuity: string; renews: string | null; device: string; issued_at: string; confirmed_at: string | null };

async function submit(signet: Signet) {
  const fields = { ...claim('24.00'), department: 'Works', date: '2026-11-23', reason: 'Taxi' };
  const made = await api(signet, await token(signet, PEOPLE.creator), 'POST', '/api/v1/documents', { type: 'EXP', fields });
  expect(made.status, await made.clone().text()).toBe(201);
  return (await made.json()).number as string;
}

/** The head's certificates as the API lists them. */
async function certificates(signet: Signet): Promise<Certificate[]> {
  const reply = await api(signet, await token(signet, PEOPLE.head), 'GET', '/api/v1/certificates?limit=200');
  return (await reply.json()).items;
}

/** Serial number of the key that this browser holds. */
async function held(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const database: IDBDatabase = await new Promise((resolve) => {
      const open = indexedDB.open('signet');
      open.onsuccess = () => resolve(open.result);
    });
    const entries: { serial: string }[] = await new Promise((resolve) => {
      const all = database.transaction('keys').objectStore('keys').getAll();
      all.onsuccess = () => resolve(all.result);
    });
    database.close();
    return entries[0]?.serial ?? '';
  });
}

/** The beginning and the end of a serial number, as pages show it. */
const short = (serial: string) => `${serial.slice(0, 8)}…${serial.slice(-4)}`;
const row = (page: Page, serial: string) => page.locator('.key-list > li').filter({ has: page.locator('summary', { hasText: short(serial) }) });

async function picture(page: Page, name: string, project: string) {
  if (process.env.SIGNET_PICTURES) await page.screenshot({ path: `${process.env.SIGNET_PICTURES}/${name}-${project}.png`, fullPage: project !== 'desktop' });
}

test('the old key signs for the new one, which takes over with its first seal', async ({ enter, signet }, info) => {
  const [first, second] = [await submit(signet), await submit(signet)];
  const page = await enter(PEOPLE.head);
  await seal(page, first);
  const old = await held(page);
  await page.goto('/keys');
  await page.getByText('Replace it with a new key').click();
  await page.getByRole('button', { name: "Renew this device's key" }).click();
  await expect.poll(() => held(page)).not.toBe(old);
  const renewed = await held(page);
  await expect(row(page, renewed)).toContainText('This device');
  const made = (await certificates(signet)).find((one) => one.serial === renewed)!;
  expect(made).toMatchObject({ continuity: 'renewed', renews: old, state: 'valid' });
  // The old one still stands until the new one has signed.
  expect((await certificates(signet)).find((one) => one.serial === old)!.state).toBe('valid');
  await seal(page, second);
  await page.goto('/keys');
  await expect(row(page, old)).toContainText('Replaced');
  await row(page, renewed).getByText('Details').click();
  await expect(row(page, renewed)).toContainText('Renewed: the key of');
  await picture(page, 'keys-renewed', info.project.name);
});

test('a key on another device is asked about, and a lost device is ended', async ({ enter, signet }, info) => {
  const [first, second] = [await submit(signet), await submit(signet)];
  const lost = await enter(PEOPLE.head);
  await seal(lost, first);
  const gone = await held(lost);

  // A second device: the first one is told of the new key, the second one is not.
  const here = await enter(PEOPLE.head, '/keys');
  await here.getByRole('button', { name: "Make this device's key" }).click();
  await expect.poll(() => held(here)).not.toBe('');
  const mine = await held(here);
  expect((await certificates(signet)).find((one) => one.serial === mine)).toMatchObject({ continuity: 'new', confirmed_at: null });
  // Of several new keys there is one notice, and each is answered where it is listed.
  const third = await enter(PEOPLE.head, '/keys');
  await third.getByRole('button', { name: "Make this device's key" }).click();
  await expect.poll(() => held(third)).not.toBe('');
  await lost.goto('/inbox');
  await expect(lost.getByRole('complementary')).toContainText('new keys were made for your account');
  await picture(lost, 'key-notices', info.project.name);
  await lost.getByRole('link', { name: 'Look at them' }).click();
  for (const one of await certificates(signet)) {
    if (one.serial === mine || one.serial === gone || one.continuity !== 'new' || one.confirmed_at || one.state !== 'valid') continue;
    const known = row(lost, one.serial).getByRole('button', { name: /It is mine/ });
    await known.click();
    await expect(known).toHaveCount(0);
  }
  await lost.goto('/inbox');
  const question = lost.getByRole('complementary', { name: 'A new key in your name' });
  await expect(question).toContainText('Was it you?');
  await picture(lost, 'key-notice', info.project.name);
  await question.getByRole('button', { name: 'Yes, it is mine' }).click();
  await expect(question).toHaveCount(0);

  // The administrator sees it too, and whose it is.
  const admin = await enter(PEOPLE.admin, '/admin/keys');
  await expect(row(admin, mine)).toContainText(PEOPLE.head.login);
  await picture(admin, 'admin-keys', info.project.name);

  // The first device is lost: one tap, one confirmation, and an explanation.
  await here.goto('/keys');
  await row(here, gone).getByRole('button', { name: 'Lost this device' }).click();
  const dialog = here.getByRole('dialog', { name: 'Lost this device?' });
  await expect(dialog).toContainText('nobody can sign with its key');
  await picture(here, 'keys-lost', info.project.name);
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await expect(here.getByText('does not count any more.')).toBeVisible();
  await expect(row(here, gone)).toContainText('Revoked');
  expect((await certificates(signet)).find((one) => one.serial === gone)).toMatchObject({ state: 'revoked', revocation_reason: 'keyCompromise' });
  await picture(here, 'keys-after-loss', info.project.name);

  // Whoever has the lost device cannot sign; the page says so and leads to a new key. This device goes on.
  await lost.goto(`/documents/${second}/sign`);
  await expect(lost.getByText('This certificate was revoked.')).toBeVisible({ timeout: 20_000 });
  await seal(here, second);
  await lost.goto('/keys');
  await expect(lost.getByText('This key signs nothing any more.')).toBeVisible();
});

test('a key that its owner does not know is revoked where it is asked about', async ({ enter, signet }) => {
  const page = await enter(PEOPLE.finance, '/keys');
  await page.getByRole('button', { name: "Make this device's key" }).click();
  await expect.poll(() => held(page)).not.toBe('');
  const other = await enter(PEOPLE.finance, '/keys');
  await other.getByRole('button', { name: "Make this device's key" }).click();
  await expect.poll(() => held(other)).not.toBe('');
  const foreign = await held(other);
  await page.goto('/documents');
  const question = page.getByRole('complementary', { name: 'A new key in your name' });
  await expect(question).toHaveCount(1);
  await question.getByRole('button', { name: 'No, revoke it' }).click();
  await question.getByRole('button', { name: 'Press again to revoke it' }).click();
  await expect(question).toContainText('Change your password now');
  const listed = await (await api(signet, await token(signet, PEOPLE.finance), 'GET', '/api/v1/certificates')).json();
  expect(listed.items.find((one: Certificate) => one.serial === foreign).state).toBe('revoked');
});
