// Memory of the real server and its workers together: at the start, after documents, and while one creator asks for 48 and for 240 previews of a
// large claim. "Resident" counts the program's own pages that were read, too.
// [SIGNET_BIN=OTHER-PROGRAM] [DOCUMENTS=1000] node server/benches/memory.mjs   (after `make build`; figures in server/benches/README.md)
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { PEOPLE, startSignet } from '../../end2end/support/server.mjs';

const DOCUMENTS = Number(process.env.DOCUMENTS ?? 1000);
const signet = await startSignet();

/** A process's memory of this kind (proc_pid_status(5)), MiB; 0 when it has ended meanwhile. */
function memory(pid, kind) {
  try {
    return Number(new RegExp(`${kind}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** The server's processes. */
function children() {
  const parent = (pid) => {
    try {
      return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) \S /, '').split(' ')[0]);
    } catch {
      return 0;
    }
  };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parent(name) === signet.pid);
}

const now = () => ({ server: memory(signet.pid, 'RssAnon'), workers: children().map((pid) => memory(pid, 'RssAnon')) });
const told = ({ server, workers }) => {
  const all = server + workers.reduce((sum, one) => sum + one, 0);
  return `${all.toFixed(0).padStart(5)} MiB in all: the server ${server.toFixed(0)}, workers ${workers.map((one) => one.toFixed(0)).join(' + ') || 'none'}`;
};

async function measured(what, act) {
  let most = { all: 0 };
  let going = true;
  const watch = (async () => {
    while (going) {
      const seen = now();
      const all = seen.server + seen.workers.reduce((sum, one) => sum + one, 0);
      if (all > most.all) most = { all, ...seen };
      await pause(20);
    }
  })();
  const began = Date.now();
  await act();
  const seconds = (Date.now() - began) / 1000;
  going = false;
  await watch;
  console.log(`${what.padEnd(34)} ${seconds.toFixed(1).padStart(6)} s   at most ${told(most)}`);
  await pause(2_000);
  console.log(`${''.padEnd(34)} ${''.padStart(6)}     then    ${told(now())}, ${memory(signet.pid, 'VmRSS').toFixed(0)} resident`);
}

try {
  await pause(2_000);
  console.log(`${'idle'.padEnd(34)} ${''.padStart(6)}             ${told(now())}, ${memory(signet.pid, 'VmRSS').toFixed(0)} resident`);
  const bearer = (await signet.run(['token', 'create', '--login', PEOPLE.creator.login])).stdout.trim().split('\n').at(-1);
  const authorization = `Bearer ${bearer}`;
  const items = Array.from({ length: 100 }, (_, n) => ({ date: '2026-11-20', what: `Taxi from the works to the customer and back, journey ${n}`, amount: '12.80' }));
  const fields = (n) => ({ project: 'P-17', invoice: `INV-${n}`, department: 'Works', date: '2026-11-23', amount: '1280.00', reason: 'Journeys to customers. '.repeat(20), items });
  const preview = async (n) => {
    const body = new FormData();
    body.set('document', JSON.stringify({ type: 'EXP', title: null, fields: fields(n) }));
    const reply = await fetch(`${signet.url}/rpc/documents/preview`, { method: 'POST', headers: { authorization }, body });
    const pdf = Buffer.from(await reply.arrayBuffer());
    if (reply.status !== 200 || !pdf.subarray(0, 5).equals(Buffer.from('%PDF-'))) throw new Error(`preview: ${reply.status} ${pdf.subarray(0, 300)}`);
  };
  await measured(`${DOCUMENTS} documents by four clients`, async () => {
    let next = 0;
    const client = async () => {
      for (let mine = next++; mine < DOCUMENTS; mine = next++) {
        const { items: _, ...small } = fields(mine);
        const headers = { authorization, 'content-type': 'application/json' };
        const reply = await fetch(`${signet.url}/api/v1/documents`, { method: 'POST', headers, body: JSON.stringify({ type: 'EXP', fields: { ...small, reason: 'Taxi' } }) });
        if (reply.status !== 201) throw new Error(await reply.text());
      }
    };
    await Promise.all([client(), client(), client(), client()]);
  });
  await measured('one preview of a large claim', () => preview(0));
  await measured('48 at once', () => Promise.all(Array.from({ length: 48 }, (_, n) => preview(n))));
  await measured('240, six at a time', async () => {
    let next = 100;
    await Promise.all(Array.from({ length: 6 }, async () => { while (next < 340) await preview(next++); }));
  });
} finally {
  await signet.stop();
}
