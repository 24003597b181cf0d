// Resident memory of the real server, idle and after 1,000 documents, and the size of what a browser loads.
// node server/benches/memory-and-size.mjs   (after `make build`; figures in server/benches/README.md)
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PEOPLE, ROOT, startSignet } from '../../end2end/support/server.mjs';

const site = process.env.SIGNET_SITE ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'site');
const kB = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;
// the app's own parts that pages fetch when they are opened; those of a few kB are left out
const parts = readdirSync(join(site, 'pkg')).filter((name) => /^split_.*\.wasm$/.test(name)).map((name) => `pkg/${name}`);
const always = ['pkg/signet_bg.wasm', 'pkg/signet.js', 'pkg/signet.css'];
const wanted = ['pkg/pades_bg.wasm', 'pkg/pades.js', 'viewer.js', 'pdfjs/pdf.min.mjs', 'pdfjs/pdf.worker.min.mjs'];
for (const file of [...always, ...parts, ...wanted]) {
  const size = (name) => statSync(join(site, name)).size;
  console.log(`${file.padEnd(40)} ${kB(size(file)).padStart(9)} raw ${kB(size(`${file}.br`)).padStart(9)} brotli`);
}
console.log(`${'target/release/signet'.padEnd(40)} ${kB(statSync(join(ROOT, 'target/release/signet')).size)}`);

const signet = await startSignet();
try {
  const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${signet.pid}/status`, 'utf8'))[1]) / 1024;
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  console.log(`idle: ${resident().toFixed(0)} MiB resident`);
  const made = await signet.run(['token', 'create', '--login', PEOPLE.creator.login]);
  const bearer = made.stdout.trim().split('\n').at(-1);
  let next = 0;
  const began = Date.now();
  const worker = async () => {
    for (let mine = next++; mine < 1000; mine = next++) {
      const fields = { project: 'P-17', invoice: `INV-${mine}`, department: 'Works', date: '2026-11-23', amount: '128.00', reason: 'Taxi' };
      const reply = await fetch(`${signet.url}/api/v1/documents`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify({ type: 'EXP', fields }),
      });
      if (reply.status !== 201) throw new Error(await reply.text());
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  console.log(`1,000 documents by four clients: ${((Date.now() - began) / 1000).toFixed(1)} s`);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  console.log(`after 1,000 documents: ${resident().toFixed(0)} MiB resident`);
} finally {
  await signet.stop();
}
