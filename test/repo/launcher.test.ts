import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type RunResult, tryCommand } from '../../src/platform/index.js';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** A clone in small: the real launcher, and programs of ours in the places of Node, npm and apt-get, which note how they were called. */
let clone: string;
let programs: string;
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'windowbox-launcher-'));
  programs = join(clone, 'programs');
  for (const folder of ['src/setup', 'guest', 'scripts', 'programs'])
    mkdirSync(join(clone, folder), { recursive: true });
  for (const file of ['src/setup/system-packages.ts', 'guest/agent.c', 'scripts/build.mjs', 'package-lock.json'])
    writeAt(file, '', new Date(Date.now() - 60_000));
  copyFileSync(join(repository, 'windowbox'), join(clone, 'windowbox'));
  for (const name of ['sh', 'dirname', 'readlink', 'find', 'flock', 'mkdir', 'tail', 'uname', 'sed'])
    symlinkSync(join('/usr/bin', name), join(programs, name));
  program('id', 'echo 0');
  program('node', nodeStandIn);
  program('npm', 'echo "npm $*" >>"$CALLS"; mkdir -p node_modules; : >node_modules/.package-lock.json');
  program('apt-get', 'echo "apt-get $*" >>"$CALLS"');
  writeAt('os-release', 'ID=debian\nVERSION_ID="13"\n');
});
afterEach(() => {
  rmSync(clone, { recursive: true, force: true });
});

test('a fresh clone installs, builds, asks for missing packages, and hands over; the next call hands over at once', async () => {
  const first = await launch(['run', 'image'], { MISSING: 'runc zstd' });
  assert.equal(first.exitCode, 0, first.stderr);
  assert.deepEqual(calls(), [
    'npm ci --omit=dev --loglevel=error --no-progress',
    'node scripts/build.mjs',
    'node cli.js doctor --missing-packages',
    'apt-get -qq update',
    'apt-get -qq install -y --no-install-recommends runc zstd',
    'node cli.js run image',
  ]);
  rmSync(join(clone, 'calls'));
  await launch(['run', 'image'], { MISSING: 'runc zstd' });
  assert.deepEqual(calls(), ['node cli.js run image']);
});

test('a flag of a command that Node knows too, --env-file, is the command’s', async () => {
  await launch(['version']);
  symlinkSync(process.execPath, join(programs, 'real-node'));
  program('node', 'exec real-node "$@"');
  writeAt('dist/bin/cli.js', 'console.log(process.argv.slice(2).join(" "), process.env.A)');
  writeAt('dist/bin/.built', '');
  writeAt('a.env', 'A=node took it');
  const { stdout } = await launch(['version', '--env-file', 'a.env']);
  assert.equal(stdout, 'version --env-file a.env undefined\n');
});

test('new packages leave the tools of a clone in which somebody develops', async () => {
  mkdirSync(join(clone, 'node_modules/oxlint'), { recursive: true });
  await launch(['version']);
  assert.equal(calls()[0], 'npm ci --loglevel=error --no-progress');
});

const stale = ['src/setup/system-packages.ts', 'guest/agent.c', 'scripts/build.mjs', 'package-lock.json'];
for (const file of stale)
  test(`a newer ${file} is built before the command runs`, async () => {
    await launch(['version']);
    rmSync(join(clone, 'calls'));
    writeAt(file, 'changed', new Date(Date.now() + 5000));
    await launch(['version']);
    assert.ok(calls().includes('node scripts/build.mjs'));
    assert.equal(calls().at(-1), 'node cli.js version');
  });

test('a system package that a new version needs is asked for again', async () => {
  await launch(['ps']);
  rmSync(join(clone, 'calls'));
  writeAt('src/setup/system-packages.ts', 'changed', new Date(Date.now() + 5000));
  await launch(['ps'], { MISSING: 'zstd' });
  assert.ok(calls().includes('apt-get -qq install -y --no-install-recommends zstd'));
});

const needNothing = [
  ['check', 'x'],
  ['matrix'],
  ['hosts'],
  ['bases'],
  ['explain', '0x1'],
  ['doctor'],
  ['version'],
  ['--version'],
  ['--help'],
  [],
  ['run', '--help'],
];
for (const words of needNothing)
  test(`"windowbox ${words.join(' ')}" needs neither root nor Debian nor system packages`, async () => {
    program('id', 'echo 1000');
    writeAt('os-release', 'ID=fedora\nVERSION_ID=42\n');
    const { exitCode } = await launch(words, { MISSING: 'runc' });
    assert.equal(exitCode, 0);
    assert.equal(calls().at(-1), ['node cli.js', ...words].join(' '));
    assert.deepEqual(
      calls().filter((call) => call.startsWith('apt-get')),
      [],
    );
  });

const refusals: readonly { readonly name: string; readonly spoil: () => void; readonly says: RegExp }[] = [
  {
    name: 'without root',
    spoil: () => {
      program('id', 'echo 1000');
    },
    says: /^windowbox: setting up needs root, once\. Run: sudo .*\/windowbox setup\n$/u,
  },
  {
    name: 'on another distribution',
    spoil: () => {
      writeAt('os-release', 'ID=fedora\nVERSION_ID=42\n');
    },
    says: /this system is fedora-42; Windowbox runs on Debian 12 and 13/u,
  },
  {
    name: 'on another processor',
    spoil: () => {
      rmSync(join(programs, 'uname'));
      program('uname', 'echo aarch64');
    },
    says: /this machine is aarch64; Windows programs need x86-64/u,
  },
  {
    name: 'without Node',
    spoil: () => {
      rmSync(join(programs, 'node'));
    },
    says: /Node 20\.19 or newer is not installed\. Run: apt-get install --no-install-recommends nodejs npm\n$/u,
  },
  {
    name: 'with an old Node on Debian 12',
    spoil: () => {
      program('node', 'case $1 in --version) echo v18.20.4 ;; *) exit 1 ;; esac');
      writeAt('os-release', 'ID=debian\nVERSION_ID="12"\n');
    },
    says: /Node 20\.19 or newer is needed, this is v18\.20\.4\. Debian 12's own is too old\. Run: curl .*setup_20\.x/u,
  },
  {
    name: 'without npm',
    spoil: () => {
      rmSync(join(programs, 'npm'));
    },
    says: /npm is not installed\. Run: apt-get install --no-install-recommends npm/u,
  },
  {
    name: 'when packages cannot be installed',
    spoil: () => {
      program('apt-get', 'echo "E: Unable to locate package runc"; exit 100');
    },
    says: /E: Unable to locate package runc\nwindowbox: could not install them, all of it is in .*\/dist\/apt\.log\. Run: apt-get install --no-install-recommends runc/u,
  },
];
for (const { name, spoil, says } of refusals)
  test(`${name} it says exactly what to do, and ends with 1`, async () => {
    spoil();
    const { exitCode, stderr } = await launch(['run', 'image'], { MISSING: 'runc' });
    assert.equal(exitCode, 1);
    assert.match(stderr, says);
    assert.ok(!calls().includes('node cli.js run image'));
  });

test('certificates for Node are kept from the CLI and handed on for the daemon', async () => {
  await launch(['ps'], { NODE_EXTRA_CA_CERTS: '/etc/certificates.crt' });
  assert.equal(readFileSync(join(clone, 'environment'), 'utf8').trim(), 'node= daemon=/etc/certificates.crt');
});

test('it works through a symbolic link, from another folder', async () => {
  symlinkSync(join(clone, 'windowbox'), join(programs, 'wb'));
  const { exitCode } = await tryCommand(join(programs, 'wb'), ['version'], {
    cwd: '/',
    env: environment({}),
    timeoutMs: 20_000,
  });
  assert.equal(exitCode, 0);
});

async function launch(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
  return tryCommand(join(clone, 'windowbox'), args, { env: environment(env), timeoutMs: 20_000 });
}

function environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return {
    PATH: programs,
    CALLS: join(clone, 'calls'),
    CLONE: clone,
    WINDOWBOX_OS_RELEASE: join(clone, 'os-release'),
    ...env,
  };
}

function calls(): readonly string[] {
  const file = join(clone, 'calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

function program(name: string, script: string): void {
  const file = join(programs, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

function writeAt(file: string, content: string, time = new Date()): void {
  writeFileSync(join(clone, file), content);
  utimesSync(join(clone, file), time, time);
}

/** Answers the question for its version, builds a CLI that is nothing, and notes what the CLI is asked for. */
const nodeStandIn = `
case $1 in --) shift ;; esac
case $1 in
-e) exit 0 ;;
scripts/build.mjs) echo "node $1" >>"$CALLS"; mkdir -p dist/bin; : >dist/bin/.built ;;
*/cli.js)
  shift
  echo "node cli.js \${*-}" | sed 's/ $//' >>"$CALLS"
  echo "node=\${NODE_EXTRA_CA_CERTS-} daemon=\${WINDOWBOX_EXTRA_CA_CERTS-}" >"$CLONE/environment"
  case "$*" in *--missing-packages) for name in \${MISSING-}; do echo "$name"; done ;; esac ;;
esac`;
