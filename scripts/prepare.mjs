// What tests and benches need before they run. Each step does nothing where its work is done, and answers whether it succeeded.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = join(dirname(fileURLToPath(import.meta.url)), '..');

export function succeeds(program, args, stdio = 'inherit') {
  return spawnSync(program, args, { stdio, timeout: 900_000, cwd: repository }).status === 0;
}

/** With the development tools, and as new as the lock file: `./windowbox` alone leaves the tools out. */
export function installNodePackages() {
  return isInstalled() || succeeds('npm', ['ci', '--no-progress', '--loglevel=error']);
}

/** The build, system packages and the runtime, as a user gets them; says nothing where all is there. */
export function setUp() {
  return succeeds('./windowbox', ['setup']);
}

/** Windows programs, and a docker CLI where the machine has none. */
export function fetchPrograms() {
  const isFetched = succeeds('node', ['scripts/fetch-programs.mjs']);
  process.env.PATH += `${delimiter}${resolve(repository, process.env.WINDOWBOX_TEST_PROGRAMS ?? '.programs', 'docker/usr/bin')}`;
  return isFetched;
}

/** `peers` are Debian's names of programs to test or measure against. */
export function installPeers(peers) {
  const missing = peers.filter((name) => !isThere(name));
  if (missing.length === 0) return true;
  succeeds('apt-get', ['update', '-q']);
  return succeeds('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing]);
}

function isThere(name) {
  if (name === 'python3-docker') return succeeds('/usr/bin/python3', ['-c', 'import docker'], 'ignore');
  return succeeds('which', [name === 'busybox-static' ? 'busybox' : name], 'ignore');
}

function isInstalled() {
  const [stamp, lock] = ['node_modules/.package-lock.json', 'package-lock.json'].map((name) => join(repository, name));
  const tools = ['tsc', 'oxlint'].map((name) => join(repository, 'node_modules/.bin', name));
  if (![stamp, ...tools].every((path) => existsSync(path))) return false;
  return statSync(stamp).mtimeMs >= statSync(lock).mtimeMs;
}
