// One matter, one live document: the second is refused before it is sent, with a link to the first.
import { api, claim, expect, PEOPLE, test, token } from '../support/test';
import { fillClaim } from '../support/steps';

test('a duplicate matter is shown while typing, and refused by the API too', async ({ enter, signet }) => {
  const values = claim('32.00');
  const bearer = await token(signet, PEOPLE.creator);
  const fields = { ...values, department: 'Works', date: '2026-11-23', reason: 'Taxi' };
  const first = await api(signet, bearer, 'POST', '/api/v1/documents', { type: 'EXP', fields });
  expect(first.status).toBe(201);
  const { number } = await first.json();

  const again = await api(signet, bearer, 'POST', '/api/v1/documents', { type: 'EXP', fields: { ...fields, invoice: ` ${values.invoice.toLowerCase()} ` } });
  expect(again.status).toBe(409);
  expect(await again.json()).toMatchObject({ code: 'duplicate_matter', number });

  const page = await enter(PEOPLE.creator, '/create/EXP');
  await fillClaim(page, values);
  await expect(page.getByRole('link', { name: new RegExp(number) })).toBeVisible();
  await page.getByRole('link', { name: new RegExp(number) }).click();
  await page.waitForURL(new RegExp(`/documents/${number}`));
  // The preview that the last letter asked for would begin now: it ended with the page that asked, without a complaint.
  await page.waitForTimeout(1_000);
});

test('the same Idempotency-Key answers the same, another body with it is refused', async ({ signet }) => {
  const bearer = await token(signet, PEOPLE.creator);
  const body = { type: 'EXP', fields: { ...claim('16.00'), department: 'Works', date: '2026-11-23', reason: 'Taxi' } };
  const key = { 'idempotency-key': `once-${Date.now()}` };
  const replies = await Promise.all([1, 2, 3, 4].map(() => api(signet, bearer, 'POST', '/api/v1/documents', body, key)));
  const numbers = new Set(await Promise.all(replies.filter((reply) => reply.status === 201).map(async (reply) => (await reply.json()).number)));
  expect(numbers.size).toBe(1);
  const later = await api(signet, bearer, 'POST', '/api/v1/documents', body, key);
  expect(later.status).toBe(201);
  expect(numbers.has((await later.json()).number)).toBe(true);
  const other = await api(signet, bearer, 'POST', '/api/v1/documents', { ...body, title: 'Another' }, key);
  expect(other.status).toBe(422);
});
