// `@libpdf/core`'s side of the figures in README.md. Argument: the folder of `core make`. Answers lines `measure pages seconds` with JSON.
// The processor's seconds are those of the whole process, the collector of garbage included.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CryptoKeySigner, PDF } from '@libpdf/core';

const folder = process.argv[2];
const file = (name) => new Uint8Array(readFileSync(join(folder, name)));
const key = await crypto.subtle.importKey('pkcs8', file('signer.key.der'), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const signer = new CryptoKeySigner(key, file('signer.der'), 'EC', 'ECDSA', [file('root.der')]);
const documents = { 1: file('1.pdf'), 20: file('20.pdf') };

/** An invisible signature: the library draws none. */
async function sign(pages) {
  const pdf = await PDF.load(documents[pages]);
  const { bytes, warnings } = await pdf.sign({ signer, fieldName: 'head', reason: 'EXP-2026-000123', signingTime: new Date(1_795_392_000_000), level: 'B-B' });
  if (bytes.length <= documents[pages].length) throw new Error(`nothing was signed: ${JSON.stringify(warnings)}`);
}

const spent = (began) => {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
};

for await (const line of createInterface({ input: process.stdin })) {
  const [measure, pages, seconds] = line.split(' ');
  if (measure !== 'sign') throw new Error(`nothing here can ${measure}`);
  await sign(pages);
  const began = process.cpuUsage();
  let count = 0;
  while (spent(began) < Number(seconds)) {
    await sign(pages);
    count += 1;
  }
  console.log(JSON.stringify({ count, cpu: spent(began) }));
}
