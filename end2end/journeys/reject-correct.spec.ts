// An approver rejects with a reason, the creator corrects with everything filled in: the number stays, the edition goes on.
import { claim, expect, PEOPLE, test } from '../support/test';
import { fillClaim, seal } from '../support/steps';

test('rejected with a reason, corrected under the same number, then sealed', async ({ enter }) => {
  const values = claim('128.00');
  const creator = await enter(PEOPLE.creator, '/create/EXP');
  await fillClaim(creator, values);
  await creator.getByRole('button', { name: 'Submit for approval' }).click();
  await creator.waitForURL(/\/documents\/EXP-/);
  const number = creator.url().match(/EXP-\d{4}-\d{6}/)![0];

  const head = await enter(PEOPLE.head, `/documents/${number}/reject`);
  await head.getByLabel('Reason').fill('The receipt is missing');
  await head.getByRole('button', { name: 'Reject' }).last().click();
  await expect(head.getByText('Rejected').first()).toBeVisible();

  await creator.goto(`/documents/${number}`);
  await expect(creator.getByText('The receipt is missing').first()).toBeVisible();
  await creator.getByRole('link', { name: 'Correct' }).click();
  await expect(creator.getByLabel('Invoice')).toHaveValue(values.invoice);
  await creator.getByLabel('Amount').last().fill('138.00');
  await creator.getByRole('button', { name: 'Submit for approval' }).click();
  await creator.waitForURL(new RegExp(`/documents/${number}$`));
  await expect(creator.getByText(/Edition 2/).first()).toBeVisible();

  await seal(head, number);
  await creator.reload();
  await expect(creator.getByText('Signed', { exact: true }).first()).toBeVisible();
});

test('withdrawn while unsigned: nobody can decide any more and the matter is free again', async ({ enter }) => {
  const values = claim('64.00');
  const creator = await enter(PEOPLE.creator, '/create/EXP');
  await fillClaim(creator, values);
  await creator.getByRole('button', { name: 'Submit for approval' }).click();
  await creator.waitForURL(/\/documents\/EXP-/);
  const first = creator.url().match(/EXP-\d{4}-\d{6}/)![0];
  await creator.getByRole('button', { name: 'Withdraw' }).click();
  await creator.getByRole('dialog').getByRole('button', { name: /Withdraw/ }).click();
  await expect(creator.getByText('Withdrawn').first()).toBeVisible();

  await creator.goto('/create/EXP');
  await fillClaim(creator, values);
  await creator.getByRole('button', { name: 'Submit for approval' }).click();
  await creator.waitForURL((url) => /\/documents\/EXP-/.test(url.pathname) && !url.pathname.includes(first));
});
