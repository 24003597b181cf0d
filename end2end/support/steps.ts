// Steps that several journeys take, found by role and label as a person finds them.
import { expect, type Page } from '@playwright/test';

/** Fills the expense claim's form; labels are the type's own. */
export async function fillClaim(page: Page, values: { project: string; invoice: string; amount: string }) {
  await page.getByLabel('Project').fill(values.project);
  await page.getByLabel('Invoice').fill(values.invoice);
  await page.getByLabel('Department').fill('Works');
  await page.getByLabel('Date').first().fill('2026-11-23');
  await page.getByLabel('Reason').fill('Jinan to Qingdao and back, site survey');
  await page.getByLabel('Amount').last().fill(values.amount);
}

/** Opens the signing page of `number`, makes this device's key on the first visit, seals, and waits until it is done. */
export async function seal(page: Page, number: string) {
  await page.goto(`/documents/${number}/sign`);
  const make = page.getByRole('button', { name: "Make this device's key" });
  const confirm = page.getByRole('button', { name: 'Sign and seal' });
  await expect(make.or(confirm)).toBeVisible();
  if (await make.isVisible()) await make.click();
  await expect(confirm).toBeEnabled({ timeout: 20_000 });
  await confirm.click();
  await expect(page.getByRole('status').filter({ hasText: /Returned to|Sealed|next/i }).first()).toBeVisible({ timeout: 20_000 });
}
