// The figures of README.md in one run: contestants take turns round by round, each counted by its own processor's seconds; medians are shown.
// `make bench-core` prepares what it needs. `--rounds 5 --seconds 0.6`, `--no-browsers`, `--no-peers` for a quick look.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '../../..');
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
const SITE = process.env.SIGNET_SITE ?? join(TARGET, 'site');
const PYTHON = process.env.SIGNET_PYTHON ?? 'python3';
const option = (name, missing) => (process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : missing);
const ROUNDS = option('--rounds', 5);
const SECONDS = option('--seconds', 0.6);
const PEERS = !process.argv.includes('--no-peers');
const BROWSERS = !process.argv.includes('--no-browsers');
const PAGES = ['1', '20'];

/** P-256 verifications that accepting cannot do without: the CMS's, and the certificate's where its issuer was not checked before. */
const VERIFICATIONS = { accept: 1, 'accept-outside': 1, 'accept-new-certificate': 2 };
/** The goals of issue 3: at least so much of the limit, so many times the peer; at most so many milliseconds, so many bytes. */
const GOALS = {
  limit: { 1: 0.5, 20: 0.7 },
  'accept pyhanko': { 1: 60, 20: 12 },
  'sign pyhanko': { 1: 400, 20: 45 },
  'sign libpdf': { 1: 100, 20: 18 },
  browser: { 1: 5, 20: 25 },
  size: 220_000,
};

function core() {
  const built = execFileSync('cargo', ['bench', '-q', '--workspace', '--bench', 'core', '--no-run', '--message-format=json'], {
    cwd: ROOT,
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = built.toString().split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return lines.find((line) => line.executable && line.target.name === 'core').executable;
}

/** A program that answers one line of JSON to each line it gets. */
function contestant(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const measure = async (name, pages) => {
    child.stdin.write(`${name} ${pages} ${SECONDS}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} stopped at ${name} ${pages}`);
    const { count, cpu } = JSON.parse(value);
    return count / cpu;
  };
  return { measure, stop: () => child.stdin.end() };
}

/** What this machine's OpenSSL does on one core, by its own count of the processor's time: verifications, signatures, hashed bytes a second. */
function openssl() {
  const speed = (...args) => execFileSync('openssl', ['speed', '-mr', '-seconds', '1', ...args], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  // `+F4:3:256:signatures:verifications` and `+F:6:sha256:bytes`
  const [sign, verify] = speed('ecdsap256').match(/^\+F4:.*$/m)[0].split(':').slice(-2).map(Number);
  const bytes = Number(speed('-bytes', '16384', 'sha256').match(/^\+F:\d+:sha256:([\d.]+)/m)[1]);
  return { sign, verify, sha256: bytes };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const folder = mkdtempSync(join(tmpdir(), 'signet-core-bench-'));
const seen = new Map();
const note = (key, value) => seen.set(key, [...(seen.get(key) ?? []), value]);
const of = (key) => median(seen.get(key));

try {
  const program = core();
  execFileSync(program, ['make', folder]);
  const contestants = [['signet', contestant(program, ['serve', folder]), ['sign', 'sign-checked', 'accept', 'accept-new-certificate', 'accept-outside', 'verify']]];
  if (PEERS) {
    contestants.push(['pyhanko', contestant(PYTHON, [join(HERE, 'peer_pyhanko.py'), folder]), ['sign', 'accept', 'verify']]);
    contestants.push(['libpdf', contestant('node', [join(HERE, 'peer_libpdf.mjs'), folder]), ['sign']]);
  }
  for (let round = 1; round <= ROUNDS; round += 1) {
    process.stderr.write(`round ${round} of ${ROUNDS}\n`);
    for (const [what, rate] of Object.entries(openssl())) note(`openssl ${what}`, rate);
    for (const pages of PAGES) {
      for (const [name, { measure }, measures] of contestants) {
        for (const what of measures) note(`${name} ${what} ${pages}`, await measure(what, pages));
      }
    }
  }
  contestants.forEach(([, { stop }]) => stop());
  report();
  await pages();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function report() {
  const words = (number) => (number >= 100 ? Math.round(number).toLocaleString('en') : number.toPrecision(3));
  const judged = (ratio, goal) => `${ratio >= 100 ? Math.round(ratio) : ratio.toPrecision(3)}${goal === undefined ? '' : ratio >= goal ? ` (goal ${goal})` : ` (goal ${goal}: **missed**)`}`;
  console.log(`\n${cpus()[0].model}, ${cpus().length} processors; ${execFileSync('openssl', ['version']).toString().trim()}`);
  console.log(`openssl: ${words(of('openssl verify'))} P-256 verifications, ${words(of('openssl sign'))} signatures, ${words(of('openssl sha256') / 1e6)} MB of SHA-256 a second\n`);
  console.log('| what, a second of processor | 1 page | 20 pages |\n|---|---|---|');
  const row = (title, cell) => console.log(`| ${title} | ${PAGES.map(cell).join(' | ')} |`);
  const limit = (what, pages) => {
    // every byte of the next revision once, but for the signature's own digits
    const bytes = statSync(join(folder, `${pages}-twice.pdf`)).size;
    return 1 / (VERIFICATIONS[what] / of('openssl verify') + bytes / of('openssl sha256'));
  };
  for (const [what, title] of [
    ['accept', 'accept by prediction'],
    ['accept-outside', 'accept a whole file from outside'],
    ['accept-new-certificate', 'accept by prediction, certificate never seen before'],
  ]) {
    row(title, (pages) => words(of(`signet ${what} ${pages}`)));
    row(`– of the limit (${VERIFICATIONS[what]} P-256 verification${VERIFICATIONS[what] > 1 ? 's' : ''} and SHA-256 once)`, (pages) => judged(of(`signet ${what} ${pages}`) / limit(what, pages), GOALS.limit[pages]));
  }
  row('sign', (pages) => words(of(`signet sign ${pages}`)));
  row('– of the limit (1 P-256 signature and SHA-256 once)', (pages) =>
    judged(of(`signet sign ${pages}`) * (1 / of('openssl sign') + statSync(join(folder, `${pages}-once.pdf`)).size / of('openssl sha256'))),
  );
  row('sign a document that the check before has hashed', (pages) => words(of(`signet sign-checked ${pages}`)));
  row('verify both signatures of a file', (pages) => words(of(`signet verify ${pages}`)));
  if (!PEERS) return;
  for (const [peer, what] of [['pyhanko', 'accept'], ['pyhanko', 'verify'], ['pyhanko', 'sign'], ['libpdf', 'sign']]) {
    row(`${peer}: ${what === 'accept' ? 'validate one signature with diff and revocation' : what}`, (pages) => words(of(`${peer} ${what} ${pages}`)));
    const times = (own) => (pages) => judged(of(`signet ${own} ${pages}`) / of(`${peer} ${what} ${pages}`), GOALS[`${what} ${peer}`]?.[pages]);
    row(`– Signet is so many times faster`, times(what));
    if (what === 'sign') row('– the same, where the check before has hashed the document', times('sign-checked'));
  }
  row('– accepting from outside against pyHanko validating', (pages) =>
    judged(of(`signet accept-outside ${pages}`) / of(`pyhanko accept ${pages}`), GOALS['accept pyhanko'][pages]),
  );
}

async function pages() {
  const small = (name) => brotliCompressSync(readFileSync(join(SITE, 'pkg', name))).length;
  try {
    const size = small('pades_bg.wasm') + small('pades.js');
    console.log(`\nthe core as the browser loads it, brotli 11: ${Math.round(size / 1000)} kB (goal 220 kB${size > GOALS.size ? ': **missed**' : ''})`);
  } catch {
    console.log('\nno wasm module: run `make site` first');
    return;
  }
  if (!BROWSERS) return;
  const { inBrowsers } = await import('./browser.mjs');
  console.log('\n| milliseconds in the page, median of 50: prepare, attributes, CMS, embed | 1 page | 20 pages |\n|---|---|---|');
  for (const [name, { result, agent }] of Object.entries(await inBrowsers(folder, SITE))) {
    const version = agent.match(/(?:Chrome|Firefox|Version)\/[\d.]+/)[0];
    const cells = PAGES.map((count) => `${result[count].toFixed(2)}${result[count] > GOALS.browser[count] ? ' (**missed**)' : ''}`);
    console.log(`| ${name} (${version}) | ${cells.join(' | ')} |`);
  }
}
