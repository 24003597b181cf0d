// What `make dist` leaves, used on this machine as whoever runs Signet would: the package installed and removed again, the archive unpacked.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/server.mjs';
import * as archive from './archive.mjs';
import { killAll } from './journey.mjs';
import { claim, clear } from './machine.mjs';
import * as debian from './package.mjs';

const isRoot = process.getuid() === 0;
if (!isRoot && spawnSync('sudo', ['-n', 'true']).status === 0) {
  // As root all of it can be tried.
  const environment = ['SIGNET_PYTHON', 'PATH'].filter((name) => process.env[name]).map((name) => `${name}=${process.env[name]}`);
  process.exit(spawnSync('sudo', ['-n', 'env', ...environment, ...process.argv], { stdio: 'inherit' }).status ?? 1);
}

const scratch = mkdtempSync(join(tmpdir(), 'signet-dist-'));
// Others pass through it to what is theirs.
chmodSync(scratch, 0o711);
function cleanUp() {
  killAll();
  clear();
  rmSync(scratch, { recursive: true, force: true });
}
process.on('exit', cleanUp);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

let passed = 0;
let failed = 0;
/** Runs steps until one fails: those after it count on it. */
async function take(part, steps) {
  for (const [name, step] of Object.entries(steps)) {
    const began = Date.now();
    try {
      const said = await step();
      passed += 1;
      console.log(`  ok  ${part}: ${name} (${Date.now() - began} ms)${said ? ` · ${said}` : ''}`);
    } catch (error) {
      failed += 1;
      console.log(`  FAILED  ${part}: ${name}: ${error.stack ?? error}`);
      return;
    }
  }
}

const { onAnyMachine, onOurs } = debian.steps(packed('.deb'), scratch);
await take('package', onAnyMachine);
if (isRoot) await take('package', { 'no other Signet is here': claim, ...onOurs });
else console.log('  the package is not installed: that takes root, or sudo without a password');
await take('archive', archive.steps(packed('.tar.gz'), scratch));
console.log(`  ${passed} passed`);
if (failed) console.log(`  ${failed} failed`);
process.exit(failed ? 1 : 0);

function packed(end) {
  const folder = join(ROOT, 'target/dist');
  const found = readdirSync(folder).filter((name) => name.endsWith(end));
  if (found.length !== 1) throw new Error(`one ${end} is expected in ${folder}; run \`make dist\``);
  return join(folder, found[0]);
}
