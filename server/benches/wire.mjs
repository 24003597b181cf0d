// Bytes on the wire of the pages that people open most, as Chromium counts them (headers included): the page and the calls it makes, without the
// site's own files, which a browser keeps. 100 claims wait, 21 of them with a photograph.
// [SIGNET_BIN=OTHER-PROGRAM] node server/benches/wire.mjs   (after `make build` and `make test-tools`; figures in server/benches/README.md)
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PASSWORD, PEOPLE, ROOT, startSignet } from '../../end2end/support/server.mjs';

const { chromium } = createRequire(join(ROOT, 'end2end/package.json'))('@playwright/test');
const signet = await startSignet();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] });

/** Grey noise compresses as badly as a photograph does: about half a megabyte at 1,200 by 1,600. */
const photograph = (page) =>
  page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 1600 });
    const context = canvas.getContext('2d');
    const picture = context.createImageData(1200, 1600);
    let seed = 1;
    for (let at = 0; at < picture.data.length; at += 4) {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      picture.data.fill(160 + ((seed >> 16) % 40), at, at + 3);
      picture.data[at + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
    return canvas.toDataURL('image/jpeg', 0.8);
  });

/** Everything that arrives while `act` runs and for as long as asked after it, by where it comes from. */
async function counted(what, page, act, rest = 3_000) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const paths = new Map();
  const bytes = new Map();
  const add = (path, length) => bytes.set(path, (bytes.get(path) ?? 0) + length);
  session.on('Network.requestWillBeSent', ({ requestId, request }) => paths.set(requestId, new URL(request.url).pathname));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => add(paths.get(requestId) ?? '', encodedDataLength));
  // what a stream brought so far counts as well
  session.on('Network.dataReceived', ({ requestId, encodedDataLength }) => (paths.get(requestId) ?? '').endsWith('/stream') && add(paths.get(requestId), encodedDataLength));
  await act();
  await page.waitForTimeout(rest);
  await session.detach();
  const own = [...bytes].filter(([path]) => !/^\/(pkg|pdfjs|fonts)\/|\.(js|mjs|css|svg|png|ico|webmanifest|woff2)$/.test(path));
  const kB = (length) => (length / 1000).toFixed(1).padStart(9);
  const file = own.filter(([path]) => path.endsWith('/file')).reduce((sum, [, length]) => sum + length, 0);
  const all = own.reduce((sum, [, length]) => sum + length, 0);
  const largest = own.filter(([path]) => !path.endsWith('/file')).sort((a, b) => b[1] - a[1]).slice(0, 3).map(([path, length]) => `${path} ${kB(length).trim()}`);
  console.log(`${what.padEnd(44)} ${kB(all - file)} kB${file ? `, and the PDF ${kB(file).trim()}` : ''}   (${largest.join(', ')})`);
}

try {
  const bearer = (await signet.run(['token', 'create', '--login', PEOPLE.creator.login])).stdout.trim().split('\n').at(-1);
  const page = await (await browser.newContext({ locale: 'en-US', baseURL: signet.url, viewport: { width: 1440, height: 900 } })).newPage();
  await counted('sign-in page', page, () => page.goto('/sign-in'));
  const receipt = await photograph(page);
  console.log(`a photograph: ${((receipt.length * 3) / 4000).toFixed(0)} kB`);
  let photographed;
  for (let turn = 0; turn < 100; turn += 1) {
    const fields = { project: 'P-17', invoice: `INV-${turn}`, department: 'Works', date: '2026-11-23', amount: '128.00', reason: 'Taxi', ...(turn % 5 ? {} : { receipt }), ...(turn === 99 ? { receipt } : {}) };
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
    const reply = await fetch(`${signet.url}/api/v1/documents`, { method: 'POST', headers, body: JSON.stringify({ type: 'EXP', fields }) });
    if (reply.status !== 201) throw new Error(await reply.text());
    photographed = (await reply.json()).number;
  }
  await page.getByLabel('Sign-in name').fill(PEOPLE.head.login);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  await page.waitForTimeout(3_000);
  await counted('inbox, 100 rows, 21 with photographs', page, () => page.goto('/inbox'));
  await counted('the same left open for a minute', page, () => page.waitForTimeout(60_000), 0);
  await counted('mailbox page with the inbox badge', page, () => page.goto('/mailbox'));
  await counted('document with a photograph', page, () => page.goto(`/documents/${photographed}`), 6_000);
} finally {
  await browser.close();
  await signet.stop();
}
