// Two approvers press at the same moment: one wins, the other reads who decided.
import { judge } from '../support/judges.mjs';
import { api, claim, expect, PEOPLE, test, token } from '../support/test';
import { seal } from '../support/steps';

test('of two approvers of an any-step exactly one seals', async ({ enter, signet }) => {
  const creator = await token(signet, PEOPLE.creator);
  const submit = async () => {
    const made = await api(signet, creator, 'POST', '/api/v1/documents', {
      type: 'EXP',
      fields: { ...claim('48.00'), department: 'Works', date: '2026-11-23', reason: 'Taxi' },
    });
    return (await made.json()).number as string;
  };
  // Both have their keys before the race.
  const [one, two] = [await enter(PEOPLE.head), await enter(PEOPLE.deputy)];
  await seal(one, await submit());
  await seal(two, await submit());

  const number = await submit();
  const confirm = (page: typeof one) => page.getByRole('button', { name: 'Sign and seal' });
  for (const page of [one, two]) {
    await page.goto(`/documents/${number}/sign`);
    await expect(confirm(page)).toBeEnabled({ timeout: 20_000 });
  }
  await Promise.all([confirm(one).click(), confirm(two).click()]);
  const done = (page: typeof one) => page.getByRole('status').filter({ hasText: /Returned to/ }).first();
  const lost = (page: typeof one) => page.getByRole('alert').filter({ hasText: /already/i }).first();
  for (const page of [one, two]) await expect(done(page).or(lost(page))).toBeVisible({ timeout: 20_000 });
  const winners = [await done(one).isVisible(), await done(two).isVisible()].filter(Boolean).length;
  expect(winners).toBe(1);

  const document = await (await api(signet, creator, 'GET', `/api/v1/documents/${number}`)).json();
  expect(document.status).toBe('signed');
  expect(document.steps[0].decisions).toHaveLength(1);
  const file = await api(signet, creator, 'GET', `/api/v1/documents/${number}/file`);
  judge(Buffer.from(await file.arrayBuffer()), await (await fetch(`${signet.url}/ca.pem`)).text(), 1);
});
