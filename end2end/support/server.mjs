// Starts the real program on a free port with a throwaway data folder, and runs its command line.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const PROGRAM = process.env.SIGNET_BIN ?? join(ROOT, 'target/release/signet');
export const PASSWORD = 'correct horse 9';

/** The people of the journeys: login, name as printed on seals, roles. */
export const PEOPLE = {
  creator: { login: 'li.na', name: '李娜', roles: ['creator'] },
  other: { login: 'sun.yue', name: 'Sun Yue', roles: ['creator'] },
  head: { login: 'wang.jianguo', name: '王建国', roles: ['department-head'] },
  deputy: { login: 'ma.jun', name: 'Ma Jun', roles: ['department-head'] },
  finance: { login: 'chen.jing', name: '陈静', roles: ['finance'] },
  stranger: { login: 'nobody', name: 'No Body', roles: ['visitor'] },
  admin: { login: 'root', name: 'Ada Min', roles: [], admin: true },
};

/** A port nobody listens on, below those that connections are made from: the kernel gives it to nobody until the program has it. */
export async function freePort() {
  for (let tries = 0; tries < 1_000; tries++) {
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    const isFree = await new Promise((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
  throw new Error('no port is free');
}

/** @returns {Promise<{url: string, data: string, run: Function, stop: Function, log: () => string}>} */
export async function startSignet(extra = {}) {
  const data = await mkdtemp(join(tmpdir(), 'signet-e2e-'));
  const port = await freePort();
  // `localhost` and not 127.0.0.1: both are secure contexts, and cookies of parallel servers must not meet.
  const url = `http://127.0.0.1:${port}`;
  const env = { PATH: process.env.PATH, HOME: data, TZ: 'Asia/Shanghai', SIGNET_DATA: data, SIGNET_LISTEN: `127.0.0.1:${port}`, SIGNET_PUBLIC_URL: url, ...extra };
  const run = (args, input) =>
    new Promise((resolve, reject) => {
      const child = execFile(PROGRAM, args, { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
        error && !('code' in error && typeof error.code === 'number') ? reject(error) : resolve({ status: error ? error.code : 0, stdout, stderr }),
      );
      // A command that asks for nothing may have ended before.
      child.stdin.on('error', () => {});
      child.stdin.end(input ?? '');
    });
  for (const person of Object.values(PEOPLE)) {
    const args = ['account', 'add', '--login', person.login, '--name', person.name, '--password-stdin'];
    for (const role of person.roles) args.push('--role', role);
    if (person.admin) args.push('--admin');
    const added = await run(args, `${PASSWORD}\n`);
    if (added.status !== 0) throw new Error(`account add ${person.login}: ${added.stderr}`);
  }
  let log = '';
  const server = spawn(PROGRAM, ['serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  server.stdout.on('data', (chunk) => (log += chunk));
  server.stderr.on('data', (chunk) => (log += chunk));
  const gone = new Promise((resolve) => server.once('exit', resolve));
  const deadline = Date.now() + 30_000;
  for (;;) {
    const ready = await fetch(`${url}/readyz`).then((r) => r.ok, () => false);
    if (ready) break;
    if (Date.now() > deadline || server.exitCode !== null) throw new Error(`signet did not become ready:\n${log}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = async () => {
    server.kill('SIGTERM');
    const killer = setTimeout(() => server.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(killer);
    await rm(data, { recursive: true, force: true });
  };
  return { url, data, run, stop, pid: server.pid, log: () => log };
}
