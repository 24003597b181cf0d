// The golden revisions once more, by the wasm module that browsers load (`make site` builds it): not a byte may differ from `golden.rs`.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const SITE = process.env.SIGNET_SITE ?? join(HERE, '../../../target/site');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const golden = (name) => new Uint8Array(readFileSync(join(HERE, 'golden', name)));

// The glue has no extension that says it is a module to Node, so it comes in by its text.
const pades = await import(`data:text/javascript;base64,${readFileSync(join(SITE, 'pkg/pades.js')).toString('base64')}`);
pades.initSync({ module: readFileSync(join(SITE, 'pkg/pades_bg.wasm')) });

const { certificate, chain_pem, cases } = JSON.parse(Buffer.from(golden('golden.json')).toString());
assert.equal(cases.length, 6);
let failed = 0;
for (const expected of cases) {
  const what = `${expected.original}, field ${expected.parameters.field}`;
  try {
    const prepared = new pades.Opened(golden(expected.original)).prepare(JSON.stringify(expected.parameters));
    const preview = prepared.preview();
    const stage = prepared.to_be_signed(Buffer.from(certificate, 'hex'));
    const attributes = stage.attributes();
    const cms = stage.signed(Buffer.from(expected.signature, 'hex'), chain_pem);
    // The CMS goes where the revision keeps room for it.
    const signed = Buffer.from(preview);
    const room = Buffer.from(`/Contents<${'00'.repeat(expected.parameters.contents_reserve)}>`);
    signed.write(Buffer.from(cms).toString('hex'), signed.lastIndexOf(room) + '/Contents<'.length, 'latin1');
    assert.deepEqual(
      { prepared: sha256(preview), attributes: sha256(attributes), cms: sha256(cms), signed: sha256(signed) },
      { prepared: expected.prepared, attributes: expected.attributes, cms: expected.cms, signed: expected.signed },
    );
  } catch (error) {
    failed += 1;
    console.log(`  FAILED  ${what} in wasm: ${error.stack ?? error}`);
  }
}
console.log(`  ${cases.length - failed} passed`);
if (failed) console.log(`  ${failed} failed`);
process.exit(failed ? 1 : 0);
