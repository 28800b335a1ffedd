import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { arch, freemem } from 'node:os';
import { dirname } from 'node:path';
import { isErrno } from '../../errors/index.js';
import { findMissingPackages } from '../system-packages.js';
import { type CheckContext, type Finding, note, ok, problem } from './finding.js';

export function checkDistribution(): readonly Finding[] {
  const release = readOsRelease();
  const name = release.get('PRETTY_NAME') ?? 'an unknown Linux';
  if (arch() !== 'x64')
    return [
      problem(
        'system',
        `${name} on ${arch()}: Windows programs need x86-64`,
        'Use a machine with an x86-64 processor.',
      ),
    ];
  const isKnown = release.get('ID') === 'debian' && ['12', '13'].includes(release.get('VERSION_ID') ?? '');
  const text = `${name}, x86-64`;
  return [isKnown ? ok('system', text) : note('system', `${text}: tested on Debian 12 and 13 only`)];
}

export function checkRoot({ isRoot }: CheckContext): readonly Finding[] {
  if (isRoot) return [ok('root', 'running as root')];
  return [note('root', 'not running as root: some checks are left out', 'sudo windowbox doctor')];
}

export function checkNode(): readonly Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isEnough = major > 20 || (major === 20 && minor >= 19);
  if (isEnough) return [ok('node', `Node ${process.versions.node}`)];
  return [problem('node', `Node ${process.versions.node} is too old`, 'Install Node 20.19 or newer.')];
}

export function checkPackages(): readonly Finding[] {
  const missing = findMissingPackages();
  if (missing.length === 0) return [ok('packages', 'all system packages are installed')];
  return missing.map(({ name, why }) =>
    problem(`packages.${name}`, `${name} is not installed: ${why}`, `apt-get install --no-install-recommends ${name}`),
  );
}

export async function checkDisk({ paths }: CheckContext): Promise<readonly Finding[]> {
  const { bavail, bsize } = await statExisting(paths.home);
  const gigabytes = (bavail * bsize) / 1e9;
  const text = `${gigabytes.toFixed(1)} GB free for ${paths.home}`;
  if (gigabytes >= neededGigabytes) return [ok('disk', text)];
  return [
    problem(
      'disk',
      `${text}: less than ${String(neededGigabytes)} GB`,
      `Free some space, or set WINDOWBOX_HOME to a larger disk.`,
    ),
  ];
}

export function checkMemory(): readonly Finding[] {
  const gigabytes = freemem() / 1e9;
  const text = `${gigabytes.toFixed(1)} GB of memory free`;
  if (gigabytes >= 1) return [ok('memory', text)];
  return [note('memory', `${text}: a utility VM takes 1 GB`)];
}

async function statExisting(path: string): Promise<{ bavail: number; bsize: number }> {
  try {
    return await statfs(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    return statExisting(dirname(path));
  }
}

function readOsRelease(): ReadonlyMap<string, string> {
  const lines = readFileSync('/etc/os-release', 'utf8').split('\n');
  return new Map(
    lines.map((line) => {
      const [name = '', ...value] = line.split('=');
      return [name, value.join('=').replaceAll('"', '')];
    }),
  );
}

/** Runtime, a few images and containers. */
const neededGigabytes = 2;
