// An approver designs a seal: three shapes, a pad to write on, reasons beside what cannot be, and the seal on the next document.
import type { Page } from '@playwright/test';
import { accessible } from '../support/accessible';
import { api, claim, expect, PEOPLE, test, token } from '../support/test';
import { seal } from '../support/steps';

async function open(page: Page) {
  await page.goto('/seals');
  await page.waitForFunction(() => document.documentElement.dataset.live === 'true');
  await expect(page.getByRole('button', { name: 'Save the seal' })).toBeVisible();
}

/** Every path of the picture at 42 mm: what the PDF will have. */
const drawn = (page: Page) => page.getByRole('img', { name: 'Your seal at 42 millimetres' }).locator('path').evaluateAll((paths) => paths.map((path) => path.getAttribute('d')).join('\n'));

async function unlike(page: Page, before: string) {
  await expect.poll(() => drawn(page)).not.toBe(before);
  return drawn(page);
}

/** A stroke over the pad, places as fractions of it. */
async function stroke(page: Page, points: [number, number][]) {
  const pad = page.getByRole('img', { name: /Signature pad/ });
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  const at = ([x, y]: [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(points[0]));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...at(point), { steps: 8 });
  await page.mouse.up();
}

async function picture(page: Page, name: string, project: string) {
  if (process.env.SIGNET_PICTURES) await page.screenshot({ path: `${process.env.SIGNET_PICTURES}/seals-${name}-${project}.png`, fullPage: true });
}

test('an approver designs a round seal and a chop; what cannot be is said beside it', async ({ enter }, info) => {
  const page = await enter(PEOPLE.head);
  await page.getByRole('button', { name: /Account:/ }).click();
  await page.getByRole('link', { name: 'Your seal' }).click();
  await expect(page.getByRole('heading', { name: 'Your seal', level: 1 })).toBeVisible();
  await open(page);

  const usual = await drawn(page);
  await page.getByRole('textbox', { name: /Organisation/ }).fill('山东送变电工程有限公司');
  const round = await unlike(page, usual);
  await picture(page, 'round', info.project.name);
  await accessible(page, 'round');

  // Refused with a reason beside the field; nothing typed is lost.
  await page.getByRole('textbox', { name: /Organisation/ }).fill('A'.repeat(41));
  await expect(page.getByText('At most 40 characters; there are 41.')).toBeVisible();
  await page.getByRole('button', { name: 'Save the seal' }).click();
  await expect(page.getByText('The seal needs another look', { exact: false })).toBeVisible();
  await expect(page.locator('#seal-organisation')).toHaveValue('A'.repeat(41));
  await accessible(page, 'refused');
  await page.locator('#seal-organisation').fill('山东送变电工程有限公司');
  await expect.poll(() => drawn(page)).toBe(round);

  await page.locator('label').filter({ hasText: 'Square chop' }).click();
  const square = await unlike(page, round);
  await page.getByLabel('Characters to cut', { exact: false }).fill('建国');
  await unlike(page, square);
  await picture(page, 'square', info.project.name);
  await accessible(page, 'square');

  // Left unsaved, it waits on this device; saved, it is on the account, the other shape's text too.
  await expect(page.getByText('Not saved yet.')).toBeVisible();
  await open(page);
  await expect(page.getByText('What you began here is back.', { exact: false })).toBeVisible();
  await expect(page.locator('#seal-chop')).toHaveValue('建国');
  await page.getByRole('button', { name: 'Save the seal' }).click();
  await expect(page.getByText('Saved. Your next signature looks like this.')).toBeVisible();
  await open(page);
  await expect(page.getByText('This is the seal on your account.')).toBeVisible();
  await page.locator('label').filter({ hasText: 'Round seal' }).click();
  await expect(page.locator('#seal-organisation')).toHaveValue('山东送变电工程有限公司');
});

test('a signature is written on the pad or typed, and seals the next document', async ({ enter, signet }, info) => {
  const page = await enter(PEOPLE.finance);
  await open(page);
  const before = await drawn(page);
  // By keyboard alone: arrow keys choose, the typed name needs no pad.
  await page.getByRole('radio', { name: /Round seal/ }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: /Handwriting/ })).toBeChecked();
  await page.getByLabel('Or type it', { exact: false }).fill('Chen Jing');
  const typed = await unlike(page, before);
  await picture(page, 'typed', info.project.name);

  await expect(page.getByRole('img', { name: 'Signature pad, empty' })).toBeVisible();
  await stroke(page, [[0.1, 0.4], [0.25, 0.2], [0.3, 0.75], [0.45, 0.3], [0.6, 0.7], [0.9, 0.45]]);
  await expect(page.getByRole('img', { name: 'Signature pad, one stroke' })).toBeVisible();
  const one = await unlike(page, typed);
  await stroke(page, [[0.2, 0.85], [0.5, 0.8], [0.85, 0.88]]);
  await stroke(page, [[0.5, 0.15], [0.5, 0.15]]);
  await expect(page.getByRole('img', { name: 'Signature pad, 3 strokes' })).toBeVisible();
  await unlike(page, one);
  await picture(page, 'drawn', info.project.name);
  await accessible(page, 'handwriting');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('img', { name: 'Signature pad, 2 strokes' })).toBeVisible();
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(page.getByRole('img', { name: 'Signature pad, empty' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('img', { name: 'Signature pad, 2 strokes' })).toBeVisible();
  await page.getByRole('button', { name: 'Save the seal' }).click();
  await expect(page.getByText('Saved. Your next signature looks like this.')).toBeVisible();

  const creator = await token(signet, PEOPLE.creator);
  const head = await enter(PEOPLE.head);
  const fields = { ...claim('7280.00'), department: 'Works', date: '2026-11-23', reason: 'Survey' };
  const { number } = await (await api(signet, creator, 'POST', '/api/v1/documents', { type: 'EXP', fields })).json();
  await seal(head, number);
  await page.goto(`/documents/${number}/sign`);
  await page.getByRole('link', { name: 'Change my seal' }).or(page.getByRole('button', { name: "Make this device's key" })).first().waitFor();
  await seal(page, number);
  const file = await api(signet, creator, 'GET', `/api/v1/documents/${number}/file`);
  const pdf = Buffer.from(await file.arrayBuffer()).toString('latin1');
  // The pen's colour strokes in the seal of finance, the vermilion fills in that of the head.
  expect(pdf).toContain('0.086 0.137 0.286 RG');
  expect(pdf).toContain('0.702 0.118 0.102 rg');
});

test('the preview follows an unfinished form, errors stand beside their fields', async ({ enter }) => {
  const page = await enter(PEOPLE.creator, '/create/EXP');
  await page.waitForFunction(() => document.documentElement.dataset.live === 'true');
  if (await page.getByRole('button', { name: 'Preview', exact: true }).isVisible()) await page.getByRole('button', { name: 'Preview', exact: true }).click();
  await expect(page.locator('.create-preview .sheet canvas').first()).toBeVisible({ timeout: 20_000 });
  if (await page.getByRole('button', { name: 'Back to the form' }).isVisible()) await page.getByRole('button', { name: 'Back to the form' }).click();
  await page.getByLabel('Amount').last().fill('much');
  await expect(page.getByText('Enter an amount such as 1280.50, at most two decimals.')).toBeVisible();
  await expect(page.locator('.preview-word')).toBeEmpty();
  await page.getByLabel('Amount').last().fill('128');
  await expect(page.getByText('Enter an amount such as 1280.50, at most two decimals.')).toHaveCount(0);
});
