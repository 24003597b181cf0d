// The size of what a browser loads, and of the program.
// node server/benches/size.mjs   (after `make build`; figures in server/benches/README.md)
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../end2end/support/server.mjs';

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
