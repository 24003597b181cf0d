// A receipt is an uploaded PDF, or a photograph taken with the phone; what is not a safe PDF is refused with its reason.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { api, expect, PEOPLE, test, token } from '../support/test';
import { pdf } from '../support/pdf.mjs';
import { seal } from '../support/steps';
import { judge } from '../support/judges.mjs';

async function fillReceipt(page: import('@playwright/test').Page, receipt: string) {
  await page.getByLabel('Vendor').fill('Lakeside Hotel');
  await page.getByLabel('Receipt number').fill(receipt);
  await page.getByLabel('Date').first().fill('2026-11-23');
  await page.getByLabel('Amount').fill('463.00');
}

test('a receipt is uploaded, numbered, sealed and judged', async ({ enter, signet }) => {
  const receipt = `R-${Date.now()}`;
  const page = await enter(PEOPLE.creator, '/create/RCT');
  await fillReceipt(page, receipt);
  await page.locator('input[type=file][accept*="pdf"]').first().setInputFiles({ name: 'receipt.pdf', mimeType: 'application/pdf', buffer: pdf(`Receipt ${receipt}`) });
  await page.getByRole('button', { name: 'Submit for approval' }).click();
  await page.waitForURL(/\/documents\/RCT-/);
  const number = page.url().match(/RCT-[\w-]+/)![0];
  await expect(page.locator('.sheet canvas').first()).toBeVisible();

  const bearer = await token(signet, PEOPLE.creator);
  const document = await (await api(signet, bearer, 'GET', `/api/v1/documents/${number}`)).json();
  const people = { 'department-head': PEOPLE.head, finance: PEOPLE.finance } as Record<string, typeof PEOPLE.head>;
  for (const step of document.steps) await seal(await enter(people[step.role]), number);
  const file = await api(signet, bearer, 'GET', `/api/v1/documents/${number}/file`);
  const authority = await (await fetch(`${signet.url}/ca.pem`)).text();
  judge(Buffer.from(await file.arrayBuffer()), authority, document.steps.length);
});

test('what an invoice carries inside it is listed, to look at and to save', async ({ enter }) => {
  const page = await enter(PEOPLE.creator, '/create/RCT');
  await fillReceipt(page, `E-${Date.now()}`);
  const text = '<?xml version="1.0"?>\n<invoice><total>463.00</total></invoice>\n';
  const buffer = pdf('Invoice', { enclosed: { name: 'factur-x.xml', text } });
  await page.locator('input[type=file][accept*="pdf"]').first().setInputFiles({ name: 'invoice.pdf', mimeType: 'application/pdf', buffer });
  await page.getByRole('button', { name: 'Submit for approval' }).click();
  await page.waitForURL(/\/documents\/RCT-/);
  const number = page.url().match(/RCT-[\w-]+/)![0];
  // Who made it sees it, and so does who is to decide.
  const head = await enter(PEOPLE.head, `/documents/${number}`);
  for (const reader of [page, head]) {
    const list = reader.getByRole('region', { name: 'Files inside this PDF' });
    await expect(list.getByText('factur-x.xml')).toBeVisible();
    await list.getByText('Look at it').click();
    await expect(list.getByText('<total>463.00</total>')).toBeVisible();
    await expect(list.getByText(createHash('sha256').update(text).digest('hex'))).toBeVisible();
    const [saved] = await Promise.all([reader.waitForEvent('download'), list.getByRole('link', { name: /Save/ }).click()]);
    expect(saved.suggestedFilename()).toBe('factur-x.xml');
    expect(await readFile(await saved.path(), 'utf8')).toBe(text);
  }
});

test('a photograph of a paper receipt becomes a document', async ({ enter }) => {
  const page = await enter(PEOPLE.creator, '/create/RCT');
  await fillReceipt(page, `P-${Date.now()}`);
  // A real JPEG, as a camera gives it.
  const jpeg = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    canvas.width = 900;
    canvas.height = 1200;
    const paint = canvas.getContext('2d')!;
    paint.fillStyle = '#fff';
    paint.fillRect(0, 0, 900, 1200);
    paint.fillStyle = '#222';
    paint.font = '48px sans-serif';
    paint.fillText('Lakeside Hotel 463.00', 80, 160);
    const blob: Blob = await new Promise((resolve) => canvas.toBlob((made) => resolve(made!), 'image/jpeg', 0.8));
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  await page.locator('input[type=file][accept*="image"]').first().setInputFiles({ name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(jpeg) });
  await expect(page.getByText('photo.pdf')).toBeVisible();
  await page.getByRole('button', { name: 'Submit for approval' }).click();
  await page.waitForURL(/\/documents\/RCT-/, { timeout: 30_000 });
  await expect(page.locator('.sheet canvas').first()).toBeVisible();
});

test('active and broken PDFs are refused with a reason, and the form keeps what was typed', async ({ enter, signet }) => {
  const page = await enter(PEOPLE.creator, '/create/RCT');
  const receipt = `X-${Date.now()}`;
  await fillReceipt(page, receipt);
  await page.locator('input[type=file][accept*="pdf"]').first().setInputFiles({ name: 'active.pdf', mimeType: 'application/pdf', buffer: pdf('Active', { javascript: true }) });
  await page.getByRole('button', { name: 'Submit for approval' }).click();
  await expect(page.getByRole('alert').first()).toBeVisible({ timeout: 20_000 });
  await expect(page.getByLabel('Receipt number')).toHaveValue(receipt);

  const bearer = await token(signet, PEOPLE.creator);
  const refusals: Record<string, Uint8Array> = { truncated: pdf('Cut').subarray(0, 300), empty: Buffer.from('%PDF-1.7\n'), active: pdf('Active', { javascript: true }) };
  for (const [what, bytes] of Object.entries(refusals)) {
    const form = new FormData();
    form.append('document', new Blob([JSON.stringify({ type: 'RCT', fields: { vendor: 'V', receipt: `${receipt}-${what}`, date: '2026-11-23', amount: '1.00' } })], { type: 'application/json' }));
    form.append('file', new Blob([bytes as never], { type: 'application/pdf' }), 'file.pdf');
    const reply = await api(signet, bearer, 'POST', '/api/v1/documents', form);
    const problem = await reply.json();
    expect([reply.status, problem.code], what).toEqual([422, 'document_refused']);
    expect(problem.detail.length, what).toBeGreaterThan(20);
  }
});
