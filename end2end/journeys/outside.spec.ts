// Another PAdES program signs through the API: Signet checks it as strictly as its own browser's work.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { judge } from '../support/judges.mjs';
import { ROOT } from '../support/server.mjs';
import { api, claim, expect, PEOPLE, test, token, type Signet } from '../support/test';

const PYTHON = process.env.SIGNET_PYTHON ?? join(ROOT, '.venv/bin/python');

function outside(signet: Signet, bearer: string, number: string, ...options: string[]) {
  const out = execFileSync(PYTHON, [join(ROOT, 'end2end/support/outside_signer.py'), ...options, '--', signet.url, bearer, number], { encoding: 'utf8' });
  return JSON.parse(out) as { status: number; body: Record<string, unknown> };
}

async function submit(signet: Signet, bearer: string) {
  const fields = { ...claim('120.00'), department: 'Works', date: '2026-11-23', reason: 'Taxi' };
  const made = await api(signet, bearer, 'POST', '/api/v1/documents', { type: 'EXP', fields });
  expect(made.status, await made.clone().text()).toBe(201);
  return (await made.json()).number as string;
}

test('pyHanko signs, whole file and appended bytes, and every judge agrees', async ({ signet }) => {
  const creator = await token(signet, PEOPLE.creator);
  const head = await token(signet, PEOPLE.head);
  const authority = await (await fetch(`${signet.url}/ca.pem`)).text();
  for (const options of [[], ['--appended']]) {
    const number = await submit(signet, creator);
    const reply = outside(signet, head, number, ...options);
    expect(reply.status, JSON.stringify(reply.body)).toBe(201);
    const file = await api(signet, creator, 'GET', `/api/v1/documents/${number}/file`);
    judge(Buffer.from(await file.arrayBuffer()), authority, 1);
  }
});

test('a foreign field, an unasked change and an old revision are refused with their reasons', async ({ signet }) => {
  const creator = await token(signet, PEOPLE.creator);
  const head = await token(signet, PEOPLE.head);
  const number = await submit(signet, creator);
  for (const tamper of ['field', 'extra']) {
    const reply = outside(signet, head, number, '--tamper', tamper);
    expect(reply.status, JSON.stringify(reply.body)).toBe(422);
    expect(reply.body.code).toBe('signature_invalid');
    expect(reply.body.indication).toBeTruthy();
    expect(reply.body.sub_indication).toBeTruthy();
  }
  const stale = outside(signet, head, number, '--tamper', 'stale');
  expect(stale.status).toBe(409);
  expect(stale.body.code).toBe('stale_revision');
  // Nothing was decided by any of these.
  const document = await (await api(signet, creator, 'GET', `/api/v1/documents/${number}`)).json();
  expect(document.status).toBe('pending');
  expect(document.revision).toBe(0);
});
