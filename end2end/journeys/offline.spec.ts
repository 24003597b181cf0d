// The Verify page checks a signed file without a network, and sends it nowhere with one.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../support/server.mjs';
import { api, claim, expect, PEOPLE, test, token } from '../support/test';

const PYTHON = process.env.SIGNET_PYTHON ?? join(ROOT, '.venv/bin/python');

test('a signed file is verified without a network', async ({ signet, browser, contextOptions }) => {
  const creator = await token(signet, PEOPLE.creator);
  const fields = { ...claim('120.00'), department: 'Works', date: '2026-11-23', reason: 'Taxi' };
  const made = await (await api(signet, creator, 'POST', '/api/v1/documents', { type: 'EXP', fields })).json();
  execFileSync(PYTHON, [join(ROOT, 'end2end/support/outside_signer.py'), '--', signet.url, await token(signet, PEOPLE.head), made.number]);
  const file = await api(signet, creator, 'GET', `/api/v1/documents/${made.number}/file`);
  const pdf = { name: 'claim.pdf', mimeType: 'application/pdf', buffer: Buffer.from(await file.arrayBuffer()) };

  const context = await browser.newContext({ ...contextOptions, baseURL: signet.url, locale: 'en' });
  const page = await context.newPage();
  await page.goto('/verify');
  await page.waitForFunction(async () => (await caches.keys()).some((name) => name.startsWith('signet-verify-')), null, { timeout: 30_000 });
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, null, { timeout: 30_000 });
  await context.setOffline(true);
  await page.reload();
  const sent: string[] = [];
  page.on('request', (request) => request.method() !== 'GET' && sent.push(request.url()));
  await page.getByLabel('Choose a PDF').setInputFiles(pdf);
  await expect(page.locator('main')).toContainText(/Genuine and unchanged/, { timeout: 20_000 });

  // One byte of the page's content changed: the verdict turns.
  const broken = Buffer.from(pdf.buffer);
  broken[broken.indexOf('stream') + 20] ^= 1;
  await page.getByLabel('Choose a PDF').setInputFiles({ ...pdf, buffer: broken });
  await expect(page.locator('main')).toContainText(/Do not rely on this file|cannot be checked/, { timeout: 20_000 });
  expect(sent).toEqual([]);
  await context.close();
});
