// The archive: unpacked into an empty folder and started from there, by somebody who is not root.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/server.mjs';
import { addPeople, journey, start } from './journey.mjs';
import { run } from './machine.mjs';
import { listening } from './package.mjs';

export function steps(archive, scratch) {
  const used = async () => {
    const folder = join(scratch, 'archive');
    mkdirSync(folder);
    const { as, options } = stranger(folder);
    // By standard input: whoever unpacks it need not be able to read where it was built.
    run(...as('tar', ['-xz']), { ...options, stdio: [openSync(archive, 'r'), 'pipe', 'pipe'] });
    const [name] = readdirSync(folder);
    const cwd = join(folder, name);
    assert.deepEqual(readdirSync(cwd).sort(), ['.env.sample', 'LICENSE', 'README.md', 'signet', 'signet.service']);

    const { variables, url, listen } = await listening();
    const env = { PATH: process.env.PATH, HOME: cwd, ...variables };
    const server = await start([...as('./signet', ['serve']), { env, cwd }], url);
    const signet = (args, input) => run(...as('./signet', args), { env, cwd, input });
    await journey(url, addPeople(signet), 'first', signet);
    assert.equal(healthCheck(listen), 0, "the container's health check finds it well");
    await server.stop();
    assert.notEqual(healthCheck(listen), 0, "the container's health check misses it");
    assert(readdirSync(join(cwd, 'data')).includes('main.sqlite'), 'its data are beside it');
  };
  return { 'unpacked into an empty folder: starts there, creates, signs, verifies, stops': used };
}

/** `nobody` where root runs this, else whoever does. */
function stranger(folder) {
  const options = { cwd: folder };
  if (process.getuid() !== 0) return { as: (file, args) => [file, args], options };
  const [uid, gid] = ['-u', '-g'].map((part) => Number(run('id', [part, 'nobody'])));
  chownSync(folder, uid, gid);
  const become = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all', '--'];
  return { as: (file, args) => ['setpriv', [...become, file, ...args]], options };
}

/** The command by which a container engine sees whether Signet is well: its exit status. */
function healthCheck(listen) {
  const text = readFileSync(join(ROOT, 'server/dist/Containerfile'), 'utf8').replace(/\\\n/g, '');
  const [file, ...args] = JSON.parse(/^HEALTHCHECK .*CMD (\[.*\])$/m.exec(text)[1]);
  return spawnSync(file, args, { env: { PATH: process.env.PATH, SIGNET_LISTEN: listen } }).status;
}
