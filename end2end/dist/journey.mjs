// Starts a packed Signet and takes one document through it: created by the API, signed by pyHanko, verified by the program itself.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PASSWORD, PEOPLE, ROOT } from '../support/server.mjs';
import { run } from './machine.mjs';

export const PYTHON = process.env.SIGNET_PYTHON ?? join(ROOT, '.venv/bin/python');
const running = new Set();

/** Starts a server by [file, arguments, options] and waits until it is ready. */
export async function start([file, args, options], url) {
  let log = '';
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
  const gone = new Promise((resolve) => {
    child.once('error', (error) => resolve(String(error)));
    child.once('exit', (code, signal) => resolve(code ?? signal));
  }).finally(() => running.delete(child));
  await Promise.race([ready(url), gone.then((status) => assert.fail(`ended at once (${status}):\n${log}`))]).catch(async (error) => {
    child.kill('SIGKILL');
    throw new Error(`${error.message}\n${log}`);
  });
  return {
    /** Ends it as systemd does, and expects a calm end. */
    async stop() {
      child.kill('SIGTERM');
      const status = await Promise.race([gone, sleep(20_000, 'no end', { ref: false })]);
      assert.equal(status, 0, `SIGTERM: ${status}\n${log}`);
      await assert.rejects(fetch(url), 'nothing listens any more');
    },
  };
}

export async function ready(url) {
  const deadline = Date.now() + 60_000;
  while (!(await fetch(`${url}/readyz`).then((reply) => reply.ok, () => false))) {
    assert(Date.now() < deadline, 'not ready within a minute');
    await sleep(50);
  }
}

/** Ends whatever a failed step left running. */
export function killAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** A creator and an approver by the command line, `signet(arguments, input)`; returns their tokens. */
export function addPeople(signet) {
  return Object.fromEntries(
    ['creator', 'head'].map((part) => {
      const { login, name, roles } = PEOPLE[part];
      signet(['account', 'add', '--login', login, '--name', name, '--role', roles[0], '--password-stdin'], `${PASSWORD}\n`);
      return [part, signet(['token', 'create', '--login', login]).trim().split('\n').at(-1)];
    }),
  );
}

/** A document for this invoice, signed and verified. */
export async function journey(url, tokens, invoice, signet) {
  const headers = { authorization: `Bearer ${tokens.creator}`, 'content-type': 'application/json' };
  const fields = { project: 'P-17', invoice, amount: '128.00', department: 'Works', date: '2026-11-23', reason: 'Site visit' };
  const made = await fetch(`${url}/api/v1/documents`, { method: 'POST', headers, body: JSON.stringify({ type: 'EXP', title: 'Taxi', fields }) });
  assert.equal(made.status, 201, await made.clone().text());
  const { number } = await made.json();
  const signed = JSON.parse(run(PYTHON, [join(ROOT, 'end2end/support/outside_signer.py'), '--', url, tokens.head, number]));
  assert.equal(signed.status, 201, JSON.stringify(signed.body));
  const { status } = await (await fetch(`${url}/api/v1/documents/${number}`, { headers })).json();
  assert.equal(status, 'signed');
  await verify(url, await fetch(`${url}/api/v1/documents/${number}/file`, { headers }), signet);
}

/** The program judges its own file by the root that anyone may fetch. */
async function verify(url, file, signet) {
  const folder = await mkdtemp(join(tmpdir(), 'signet-verify-'));
  try {
    const [pdf, root] = [join(folder, 'signed.pdf'), join(folder, 'ca.pem')];
    await writeFile(pdf, Buffer.from(await file.arrayBuffer()));
    await writeFile(root, await (await fetch(`${url}/ca.pem`)).text());
    run('chmod', ['-R', 'a+rX', folder]);
    const report = JSON.parse(signet(['verify', '--json', '--ca', root, pdf]));
    assert.equal(report.indication, 'TOTAL-PASSED', JSON.stringify(report));
    // Beside the time stamps.
    assert(report.signatures.some(({ signer }) => signer.includes(PEOPLE.head.name)), JSON.stringify(report));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
