// Time from the tap on "Sign and seal" until the page says that the document is returned, in Chromium, 20 documents.
// node server/benches/tap-to-returned.mjs   (after `make build` and `make test-tools`; figures in server/benches/README.md)
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PASSWORD, PEOPLE, ROOT, startSignet } from '../../end2end/support/server.mjs';

const { chromium } = createRequire(join(ROOT, 'end2end/package.json'))('@playwright/test');
const signet = await startSignet();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] });
try {
  const made = await signet.run(['token', 'create', '--login', PEOPLE.creator.login]);
  const bearer = made.stdout.trim().split('\n').at(-1);
  const page = await (await browser.newContext({ locale: 'en-US', baseURL: signet.url })).newPage();
  await page.goto('/sign-in');
  await page.getByLabel('Sign-in name').fill(PEOPLE.head.login);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  const times = [];
  for (let turn = 0; turn < 21; turn += 1) {
    const fields = { project: 'P-17', invoice: `INV-${turn}`, department: 'Works', date: '2026-11-23', amount: '128.00', reason: 'Taxi' };
    const reply = await fetch(`${signet.url}/api/v1/documents`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'EXP', fields }),
    });
    const { number } = await reply.json();
    await page.goto(`/documents/${number}/sign`);
    const confirm = page.getByRole('button', { name: 'Sign and seal' });
    if (turn === 0) await page.getByRole('button', { name: "Make this device's key" }).click();
    await confirm.waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll('button')].some((button) => button.textContent.includes('Sign and seal') && !button.disabled && button.getAttribute('aria-disabled') !== 'true'));
    await page.waitForTimeout(300); // drawing the page has ended
    const took = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const button = [...document.querySelectorAll('button')].find((one) => one.textContent.includes('Sign and seal'));
          const began = performance.now();
          const watch = new MutationObserver(() => {
            const done = [...document.querySelectorAll('[role="status"]')].some((one) => one.textContent.includes('Returned to'));
            if (done) {
              watch.disconnect();
              resolve(performance.now() - began);
            }
          });
          watch.observe(document.body, { subtree: true, childList: true, characterData: true });
          button.click();
        }),
    );
    if (turn > 0) times.push(took); // the first one loads and makes the key
  }
  times.sort((a, b) => a - b);
  console.log(`tap to returned, ${times.length} documents: median ${times[times.length >> 1].toFixed(0)} ms, slowest ${times.at(-1).toFixed(0)} ms`);
} finally {
  await browser.close();
  await signet.stop();
}
