// Runs programs the way systemd would by a unit file, where no systemd runs: same command, user, environment, folder and limits.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Settings of a unit's [Service], each with all its values in order. */
export function readUnit(path) {
  const settings = {};
  let section = '';
  for (const line of lines(path)) {
    if (line.startsWith('[')) section = line;
    else if (section === '[Service]') {
      const [name, value] = split(line);
      (settings[name] ??= []).push(value);
    }
  }
  return settings;
}

/** The variables of an EnvironmentFile. */
export function readEnvironment(path) {
  const pairs = lines(path).map(split);
  // systemd would take quotes and backslashes away; nothing here needs any.
  for (const [name, value] of pairs) assert(!/["'\\]/.test(value), `${path}: ${name} is quoted`);
  return Object.fromEntries(pairs);
}

/** How to start `command` (the unit's own where none is given): [file, arguments, options], for spawn. Needs root. */
export function asUnit(unit, extra = {}, command = unit.ExecStart[0].split(/\s+/)) {
  const one = (name) => {
    assert.equal(unit[name]?.length, 1, `${name} stands once in the unit`);
    return unit[name][0];
  };
  const user = one('User');
  const home = execFileSync('getent', ['passwd', user], { encoding: 'utf8' }).split(':')[5];
  assert.equal(one('NoNewPrivileges'), 'yes');
  assert.equal(one('CapabilityBoundingSet'), '');
  const state = `/var/lib/${one('StateDirectory')}`;
  const wrapped = [
    ...['-c', `umask ${one('UMask')}; exec "$@"`, 'sh'],
    ...['prlimit', `--nofile=${one('LimitNOFILE')}`],
    ...['setpriv', `--reuid=${user}`, `--regid=${one('Group')}`, '--init-groups', '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all', '--'],
    ...command,
  ];
  const env = { PATH, HOME: home, USER: user, LOGNAME: user, STATE_DIRECTORY: state, ...readEnvironment(one('EnvironmentFile')), ...extra };
  return ['sh', wrapped, { env, cwd: one('WorkingDirectory') }];
}

/** The system calls that the unit's filter lets through. */
function allowedCalls(unit) {
  const groups = readGroups();
  const members = (name) => (name.startsWith('@') ? groups[name].flatMap(members) : [name]);
  const allowed = new Set();
  for (const line of unit.SystemCallFilter) {
    const denies = line.startsWith('~');
    for (const call of line.replace('~', '').split(/\s+/).flatMap(members)) {
      if (denies) allowed.delete(call);
      else allowed.add(call);
    }
  }
  return allowed;
}

/** What strace has to be told to refuse like the unit's filter, and to write down what its other rules are about. */
export function asFilter(unit, log) {
  assert.deepEqual([unit.MemoryDenyWriteExecute, unit.SystemCallErrorNumber], [['yes'], ['EPERM']]);
  const allowed = [...allowedCalls(unit)];
  // A question mark: this machine need not know the call.
  const but = (calls) => `!${calls.map((call) => `?${call}`).join(',')}`;
  return [
    ...['strace', '-D', '-f', '-qq', '--seccomp-bpf', '-e', 'signal=none', '-o', log],
    ...['-e', `trace=${but(allowed.filter((call) => !RULED.includes(call)))}`],
    ...['-e', `inject=${but(allowed)}:error=EPERM`],
  ];
}

/** The lines of such a log that the unit forbids. */
export function forbidden(unit, log) {
  const families = unit.RestrictAddressFamilies[0].split(/\s+/);
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => {
      const [, call, rest] = /^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)/.exec(line) ?? [];
      if (!call || call === 'execve') return false;
      if (!RULED.includes(call)) return true;
      if (call.startsWith('socket')) return !families.includes(/^AF_\w+/.exec(rest)?.[0]) && !line.includes('resumed>');
      if (call === 'mmap') return rest.includes('PROT_WRITE') && rest.includes('PROT_EXEC');
      return /PROT_EXEC|SHM_EXEC/.test(rest);
    });
}

const RULED = ['mmap', 'mprotect', 'pkey_mprotect', 'shmat', 'socket', 'socketpair'];
const QUIETLY = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin';

function lines(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !/^[#;]/.test(line));
}

function split(line) {
  const at = line.indexOf('=');
  return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

/** The sets of system calls by name; a member that begins with @ is another set. */
function readGroups() {
  const groups = {};
  let members;
  for (const line of execFileSync('systemd-analyze', ['syscall-filter', '--no-pager'], QUIETLY).split('\n')) {
    if (line.startsWith('@')) members = groups[line.trim()] = [];
    else if (/^\s+[@\w]/.test(line)) members?.push(line.trim());
  }
  return groups;
}
