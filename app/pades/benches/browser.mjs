// How long a page of each engine needs for a signature's bytes: the wasm module that ships, timed inside the page.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Builder, ENGINES, chromium } from '../../../end2end/support/engines.mjs';
import { freePort } from '../../../end2end/support/server.mjs';

const TYPES = { js: 'text/javascript', wasm: 'application/wasm', html: 'text/html' };
/** An isolated page has a finer clock; browsers blur it otherwise. */
const HEADERS = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp', 'cache-control': 'no-store' };

/** Runs in the page. Rounds of `prepare` (parsing, hashing, the tail), binding, CMS and embedding; `subtle.sign` between them is the browser's own. */
async function measure(rounds, done) {
  const bytes = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
  const module = await import('/pades.js');
  await module.default({ module_or_path: '/pades_bg.wasm' });
  const key = await crypto.subtle.importKey('pkcs8', await bytes('/signer.key.der'), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  const [signer, root, parameters] = [await bytes('/signer.der'), await (await fetch('/root.pem')).text(), await (await fetch('/parameters.json')).text()];
  const result = {};
  for (const pages of [1, 20]) {
    const original = await bytes(`/${pages}.pdf`);
    const times = [];
    for (let round = 0; round < rounds; round += 1) {
      const began = performance.now();
      const opened = new module.Opened(original);
      const prepared = opened.prepare(parameters);
      const stage = prepared.to_be_signed(signer);
      const attributes = stage.attributes();
      const half = performance.now();
      const signature = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, attributes));
      const again = performance.now();
      if (stage.signed(signature, root).length < 500) throw new Error('no CMS');
      times.push(half - began + performance.now() - again);
      opened.free();
      prepared.free();
      stage.free();
    }
    result[pages] = times.sort((a, b) => a - b)[rounds / 2];
  }
  done({ result, agent: navigator.userAgent });
}

/** @returns {Promise<Record<string, {result: Record<string, number>, agent: string}>>} medians in milliseconds, by engine and pages */
export async function inBrowsers(files, site, rounds = 50) {
  const server = createServer(async (request, response) => {
    const name = request.url.slice(1) || 'index.html';
    const folder = name.startsWith('pades') ? join(site, 'pkg') : files;
    const body = name === 'index.html' ? '<!doctype html><title>bench</title>' : await readFile(join(folder, name)).catch(() => null);
    response.writeHead(body === null ? 404 : 200, { ...HEADERS, 'content-type': TYPES[name.split('.').at(-1)] ?? 'application/octet-stream' });
    response.end(body);
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const measured = {};
  try {
    for (const [name, engine] of Object.entries({ Chromium: chromium, ...ENGINES })) {
      const home = await mkdtemp(join(tmpdir(), 'signet-bench-'));
      let started, browser;
      try {
        started = await engine(home);
        browser = await new Builder().usingServer(started.url).withCapabilities(started.capabilities).build();
        await browser.manage().setTimeouts({ script: 180_000 });
        await browser.get(`http://127.0.0.1:${port}/`);
        const answer = await browser.executeAsyncScript(
          `const done = arguments[arguments.length - 1]; (${measure})(${rounds}, done).catch((error) => done({ error: String(error?.stack ?? error) }));`,
        );
        if (answer.error) throw new Error(`${name}: ${answer.error}`);
        measured[name] = answer;
      } finally {
        await browser?.quit().catch(() => {});
        started?.stop();
        await rm(home, { recursive: true, force: true, maxRetries: 5 });
      }
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return measured;
}
