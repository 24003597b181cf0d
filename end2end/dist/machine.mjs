// What the test puts on this machine and takes away again. It touches nothing that was there before it.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** Paths that the package makes. */
export const DATA = '/var/lib/signet';
export const SETTINGS = '/etc/signet';
export const UNIT = '/usr/lib/systemd/system/signet.service';

/** Whether systemd runs this machine, so that the service is its to start. */
export const SYSTEMD = existsSync('/run/systemd/system');

// Says that what is on the machine is the test's, for the next run to clear where this one was killed.
const MINE = '/var/lib/signet-dist-test';
const OVERRIDE = '/run/systemd/system/signet.service.d';

export function run(file, args = [], options = {}) {
  const done = spawnSync(file, args, { encoding: 'utf8', timeout: 120_000, ...options });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${file} ${args.join(' ')}: ${done.status ?? done.signal}\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

const knows = (database, name) => spawnSync('getent', [database, name]).status === 0;
export const hasUser = () => knows('passwd', 'signet') || knows('group', 'signet');
/** dpkg's word on the package, as `installed` or `config-files`; undefined where it knows none, as after a purge. */
export function packageState() {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f=${db:Status-Status}', 'signet'], { encoding: 'utf8' });
  return stdout && stdout !== 'not-installed' ? stdout : undefined;
}

let mine = false;

/** Takes the machine for this run; throws where a Signet that is somebody's is there. */
export function claim() {
  if (existsSync(MINE)) {
    const before = readFileSync(`${MINE}/process`, 'utf8');
    if (existsSync(`/proc/${before}`)) throw new Error(`another run of this test (process ${before}) is using this machine`);
    mine = true;
    clear();
  }
  const there = ['/usr/bin/signet', UNIT, DATA, SETTINGS].filter((path) => existsSync(path));
  if (packageState()) there.push('the package signet');
  if (hasUser()) there.push('the user or group signet');
  if (there.length) throw new Error(`not touching this machine: ${there.join(', ')} was here before`);
  mine = true;
  mkdirSync(MINE, { mode: 0o700 });
  writeFileSync(`${MINE}/process`, String(process.pid));
}

/** Leaves the machine as it was found, where this run took it. */
export function clear() {
  if (!mine) return;
  mine = false;
  if (SYSTEMD) spawnSync('systemctl', ['stop', 'signet']);
  endAll(Number(spawnSync('id', ['-u', 'signet'], { encoding: 'utf8' }).stdout));
  rmSync(OVERRIDE, { recursive: true, force: true });
  if (packageState()) spawnSync('dpkg', ['--purge', '--force-remove-reinstreq', 'signet']);
  for (const path of [DATA, SETTINGS]) rmSync(path, { recursive: true, force: true });
  if (knows('passwd', 'signet')) spawnSync('userdel', ['signet']);
  if (knows('group', 'signet')) spawnSync('groupdel', ['signet']);
  rmSync(MINE, { recursive: true, force: true });
}

/** Ends what still runs as the service's user: a run that was killed leaves its server. */
function endAll(uid) {
  for (const pid of uid ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : []) {
    try {
      if (statSync(`/proc/${pid}`).uid === uid) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/** Where systemd runs: the installed service, with these variables instead of the file's own. */
export function systemdStart(variables) {
  mkdirSync(OVERRIDE, { recursive: true });
  writeFileSync(`${MINE}/environment`, Object.entries(variables).map(([name, value]) => `${name}=${value}\n`).join(''));
  // Of several files the last one counts.
  writeFileSync(`${OVERRIDE}/test.conf`, `[Service]\nEnvironmentFile=${MINE}/environment\n`);
  execFileSync('systemctl', ['daemon-reload']);
  execFileSync('systemctl', ['start', 'signet']);
  return () => execFileSync('systemctl', ['stop', 'signet']);
}
