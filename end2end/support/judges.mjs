// Programs that are not ours judge a signed file: pyHanko, poppler's pdfsig, qpdf.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './server.mjs';

const PYTHON = process.env.SIGNET_PYTHON ?? join(ROOT, '.venv/bin/python');

/**
 * Throws unless every judge finds exactly `expected` signatures, all valid, trusted against `authority` (PEM) and covering the file.
 * @returns {{field: string, signer: string}[]} what pyHanko saw
 */
export function judge(pdf, authority, expected) {
  const folder = mkdtempSync(join(tmpdir(), 'signet-judge-'));
  try {
    const file = join(folder, 'signed.pdf');
    const ca = join(folder, 'ca.pem');
    writeFileSync(file, pdf);
    writeFileSync(ca, authority);
    const seen = JSON.parse(execFileSync(PYTHON, [join(ROOT, 'end2end/support/judge.py'), ca, file, String(expected)], { encoding: 'utf8' }));
    // qpdf: exit 3 is a warning, 2 an error; neither is accepted.
    execFileSync('qpdf', ['--check', file], { stdio: 'pipe' });
    const pdfsig = execFileSync('pdfsig', ['-nocert', file], { encoding: 'utf8' });
    const valid = pdfsig.match(/Signature is Valid\./g)?.length ?? 0;
    if (valid !== expected) throw new Error(`pdfsig finds ${valid} valid signatures, not ${expected}:\n${pdfsig}`);
    if (!/Total document signed/.test(pdfsig)) throw new Error(`pdfsig: the last signature does not cover the whole document:\n${pdfsig}`);
    return seen.signatures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
