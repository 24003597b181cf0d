// The Debian package: what it holds, and its life on this machine.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, ROOT } from '../support/server.mjs';
import { addPeople, journey, PYTHON, ready, start } from './journey.mjs';
import { DATA, hasUser, packageState, run, SETTINGS, SYSTEMD, systemdStart, UNIT } from './machine.mjs';
import { asFilter, asUnit, forbidden, readUnit } from './unit.mjs';

const PROGRAM = '/usr/bin/signet';
const CONFIGURATION = `${SETTINGS}/signet.env`;
// In tenths. systemd calls all below 2 OK; the unit had 1.1 when this was written.
const MOST_EXPOSURE = 15;
const has = (program) => spawnSync(program, ['--version']).status === 0;

const OFFENDER = `
import mmap, os, socket
try: os.setpriority(os.PRIO_PROCESS, 0, 5)
except PermissionError: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
`;

/** The steps by name, in order; each counts on those before it. */
export function steps(deb, scratch) {
  const tree = join(scratch, 'tree');
  let tokens;

  const contents = () => {
    const listed = run('dpkg-deb', ['--contents', deb]);
    for (const [mode, path] of [
      ['-rwxr-xr-x', PROGRAM],
      ['-rw-r-----', CONFIGURATION],
      ['-rw-r--r--', UNIT],
      ['-rw-r--r--', '/usr/share/doc/signet/copyright'],
      ['-rw-r--r--', '/usr/share/doc/signet/README.md'],
    ]) {
      assert.match(listed, new RegExp(`^${mode} (root/root|0/0) .* \\.${path.replace(/\./g, '\\.')}$`, 'm'), path);
    }
    assert.equal(run('dpkg-deb', ['--info', deb, 'conffiles']).trim(), CONFIGURATION);
    run('dpkg-deb', ['--extract', deb, tree]);
    // Every variable of the sample, but the one that is for tests alone.
    const names = (path) => [...readFileSync(path, 'utf8').matchAll(/^#?(SIGNET_\w+)=/gm)].map((found) => found[1]);
    const expected = names(join(ROOT, '.env.sample')).filter((name) => name !== 'SIGNET_CRASH_AT');
    assert.deepEqual(names(join(tree, CONFIGURATION)), expected);
  };

  const exposure = () => {
    if (!has('systemd-analyze')) return 'skipped: no systemd-analyze here';
    const said = run('systemd-analyze', ['security', '--no-pager', '--offline=yes', `--threshold=${MOST_EXPOSURE}`, join(tree, UNIT)]);
    return /Overall exposure level.*: ([\d.]+ \w+)/.exec(said)[1];
  };

  const installed = () => {
    install(deb);
    const [, , uid, gid, , home, shell] = run('getent', ['passwd', 'signet']).trim().split(':');
    assert(Number(uid) < 1000 && home === DATA && /nologin|false/.test(shell), 'a system user that nobody signs in as');
    assert.deepEqual(access(DATA), ['700', Number(uid), Number(gid)]);
    assert.deepEqual(access(CONFIGURATION), ['640', 0, Number(gid)]);
    const unit = readUnit(UNIT);
    assert.deepEqual([unit.ExecStart, unit.User, unit.EnvironmentFile], [[`${PROGRAM} serve`], ['signet'], [CONFIGURATION]]);
    assert(!existsSync('/etc/systemd/system/multi-user.target.wants/signet.service'), 'not enabled before it is configured');
    if (has('systemd-analyze')) run('systemd-analyze', ['verify', '--man=no', UNIT]);
  };

  const purgedUnused = () => {
    run('dpkg', ['--purge', 'signet']);
    assertGone([PROGRAM, UNIT, SETTINGS, DATA]);
    assert(!hasUser(), 'the user went with the folder that nothing was in');
  };

  const used = async () => {
    install(deb);
    const place = await listening();
    let stop;
    if (SYSTEMD) {
      stop = systemdStart(place.variables);
      await ready(place.url);
    } else {
      ({ stop } = await start(asUnit(readUnit(UNIT), place.variables), place.url));
    }
    tokens = addPeople(commandLine(place));
    await journey(place.url, tokens, 'first', commandLine(place));
    await stop();
    return SYSTEMD ? 'by systemd' : "by the unit's command, user, environment and limits; no systemd runs here";
  };

  const upgraded = () => {
    appendFileSync(CONFIGURATION, '# ours\n');
    const before = access(CONFIGURATION);
    install(deb);
    assert.match(readFileSync(CONFIGURATION, 'utf8'), /^# ours$/m);
    assert.deepEqual(access(CONFIGURATION), before);
  };

  // What the kernel's part of the sandbox refuses is refused by strace here, and what it cannot refuse is looked up in its log.
  const confined = async () => {
    if (!has('systemd-analyze')) return 'skipped: no systemd-analyze here';
    const place = await listening();
    const unit = readUnit(UNIT);
    const log = join(scratch, 'calls');
    writeFileSync(log, '');
    run('chown', ['signet', log]);
    const server = await start(asUnit(unit, place.variables, [...asFilter(unit, log), ...unit.ExecStart[0].split(/\s+/)]), place.url);
    await journey(place.url, tokens, 'second', commandLine(place));
    await server.stop();
    assert.deepEqual(forbidden(unit, log), []);
    // A program that does what is forbidden is found out, so the empty list above means something.
    const [tracer, ...filter] = asFilter(unit, log);
    run(tracer, [...filter, PYTHON, '-c', OFFENDER]);
    assert.deepEqual(forbidden(unit, log).map((line) => /\w+(?=\()/.exec(line)[0]), ['setpriority', 'mmap', 'socket']);
  };

  const removed = () => {
    run('dpkg', ['--remove', 'signet']);
    assert.equal(packageState(), 'config-files');
    assertGone([PROGRAM, UNIT]);
    assert.match(readFileSync(CONFIGURATION, 'utf8'), /^# ours$/m);
    assert(existsSync(`${DATA}/main.sqlite`), 'the data are kept');
  };

  const purged = () => {
    const said = run('dpkg', ['--purge', 'signet']);
    assert.equal(packageState(), undefined);
    assertGone([SETTINGS]);
    assert(existsSync(`${DATA}/main.sqlite`) && hasUser(), 'sealed documents are not destroyed along the way');
    // What it says to do does what it says.
    const [, command] = /^To destroy both for good: (.*)$/m.exec(said);
    run('sh', ['-c', command]);
    assertGone([DATA]);
    assert(!hasUser());
  };

  return {
    onAnyMachine: { 'holds the program, its unit and its configuration': contents, 'exposure of the unit': exposure },
    onOurs: {
      'installs user, folder, unit and configuration': installed,
      'purging it unused leaves nothing': purgedUnused,
      'starts, adds accounts, creates, signs, verifies, stops': used,
      'an upgrade keeps configuration and data': upgraded,
      'does nothing that its unit forbids': confined,
      'removing it keeps configuration and data': removed,
      'purging it keeps sealed documents and says so': purged,
    },
  };
}

function install(deb) {
  run('dpkg', ['--install', deb], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

/** A free port, by variables that outrank the configuration's. */
export async function listening() {
  const listen = `127.0.0.1:${await freePort()}`;
  return { variables: { SIGNET_LISTEN: listen }, url: `http://${listen}`, listen };
}

/** The program's other commands, as the service's user with the service's environment. */
function commandLine({ variables }) {
  return (args, input) => {
    const [file, wrapped, options] = asUnit(readUnit(UNIT), variables, [PROGRAM, ...args]);
    return run(file, wrapped, { ...options, input });
  };
}

function access(path) {
  const { mode, uid, gid } = statSync(path);
  return [(mode & 0o7777).toString(8), uid, gid];
}

function assertGone(paths) {
  for (const path of paths) assert(!existsSync(path), `${path} is gone`);
}
