// The main journey: a creator fills the form, two approvers make keys and seal in their own browsers, the result comes back while the creator looks on.
import { judge } from '../support/judges.mjs';
import { claim, expect, PEOPLE, test } from '../support/test';
import { fillClaim, seal } from '../support/steps';

test('a claim is created by form, sealed by two departments and returned live', async ({ enter, signet }, info) => {
  const values = claim('7280.00');
  const creator = await enter(PEOPLE.creator, '/create/EXP');
  await fillClaim(creator, values);
  await creator.getByRole('button', { name: 'Submit for approval' }).click();
  await creator.waitForURL(/\/documents\/EXP-/);
  const number = creator.url().match(/EXP-\d{4}-\d{6}/)![0];
  await expect(creator.getByText(number).first()).toBeVisible();
  await expect(creator.locator('.sheet canvas').first()).toBeVisible();

  // The creator goes on with other things; what arrives must show itself on any page.
  await creator.goto('/documents');

  const head = await enter(PEOPLE.head, '/inbox');
  await head.getByRole('link', { name: new RegExp(number) }).first().click();
  await expect(head.locator('.sheet canvas').first()).toBeVisible();
  await seal(head, number);

  const finance = await enter(PEOPLE.finance, `/documents/${number}`);
  await seal(finance, number);

  await expect(creator.getByRole('status').filter({ hasText: /Signed and returned/ }).first()).toBeVisible({ timeout: 10_000 });
  await expect(creator).toHaveTitle(/^\(\d+\)/);
  await creator.getByRole('link', { name: /Mailbox/ }).first().click();
  const [download] = await Promise.all([creator.waitForEvent('download'), creator.getByRole('listitem').filter({ hasText: number }).getByRole('link', { name: /Download/ }).click()]);
  expect(download.suggestedFilename()).toBe(`${number}.pdf`);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);

  const authority = await (await fetch(`${signet.url}/ca.pem`)).text();
  const seen = judge(Buffer.concat(chunks), authority, 2);
  expect(seen.map((signature: { signer: string }) => signature.signer)).toEqual([PEOPLE.head.name, PEOPLE.finance.name]);
  await info.attach('signed.pdf', { body: Buffer.concat(chunks), contentType: 'application/pdf' });
});
