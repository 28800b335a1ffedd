// A Dockerfile with COPY alone for one Windows build and for five, each anew, and both again from the cache, in one run.
// `npm run bench:build -- [MEGABYTES]`, as root. Starts a daemon of its own; prints times and ratios.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRepository, resolvePaths, runCommand } from '../src/platform/index.js';

const megabytes = Number(process.argv[2] ?? '50');
const folder = mkdtempSync(join(tmpdir(), 'windowbox-bench-'));
const env = {
  ...process.env,
  WINDOWBOX_HOME: join(folder, 'home'),
  WINDOWBOX_RUN: join(folder, 'run'),
  WINDOWBOX_RUNTIME: resolvePaths().runtime,
};
const program = join(findRepository(), 'dist/bin');
const builds = ['17763', '19041', '19042', '20348', '26100'].map((build) => `windows(10.0.${build})/amd64`);
const five = ['--platform', builds.join()];
// With the flag that the command line starts it with.
const daemon = spawn(process.execPath, ['--max-semi-space-size=4', join(program, 'daemon.mjs')], {
  env,
  stdio: 'ignore',
});

try {
  // Or the first command would start a second one, which nobody ends.
  await waitForDaemon();
  writeContext();
  // The bases are made once, which is no part of a build.
  await build('warm', five);
  const one = await fastest('one', ['--platform', builds[3] ?? '']);
  const all = await fastest('all', five);
  console.log(`COPY-only build (${String(megabytes)} MB, ${String(megabytes * 20)} files): ${show(one)}`);
  console.log(`the same for five Windows builds: ${show(all)}; ratio ${(all / one).toFixed(2)}`);
  const cached = Math.min(await build('all2', five), await build('all2', five), await build('all2', five));
  console.log(`the five from the cache: ${show(cached)}`);
  const oneCached = Math.min(
    await build('all2', ['--platform', builds[3] ?? '']),
    await build('all2', ['--platform', builds[3] ?? '']),
  );
  console.log(`one from the cache: ${show(oneCached)}`);
} finally {
  daemon.kill('SIGTERM');
  await new Promise((resolve) => daemon.once('close', resolve));
  rmSync(folder, { recursive: true, force: true });
}

async function waitForDaemon(): Promise<void> {
  const isUp = async (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(join(folder, 'run/windowbox.sock'), () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
  for (let tries = 0; tries < 300; tries += 1) {
    if (await isUp()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the daemon does not answer');
}

/** 50 KB a file, half of it random. */
function writeContext(): void {
  const files = join(folder, 'context/files');
  mkdirSync(files, { recursive: true });
  for (let index = 0; index < megabytes * 20; index += 1)
    writeFileSync(join(files, `file${String(index)}.dll`), Buffer.concat([randomBytes(25_000), Buffer.alloc(25_000)]));
}

/** Anew: each time with a file that no build has seen. The best of three, since other work only adds. */
async function fastest(name: string, args: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (const attempt of ['1', '2', '3']) times.push(await build(`${name}${attempt}`, args));
  return Math.min(...times);
}

async function build(mark: string, args: readonly string[]): Promise<number> {
  const context = join(folder, 'context');
  writeFileSync(join(context, 'files/mark.txt'), mark);
  writeFileSync(
    join(context, 'Dockerfile'),
    'FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nENV A=1\nCOPY files C:/app/\nCMD ["app"]\n',
  );
  const start = performance.now();
  await runCommand(process.execPath, [join(program, 'cli.js'), 'build', '-q', '-t', 'bench:1', ...args, context], {
    env,
    timeoutMs: 300_000,
  });
  return performance.now() - start;
}

function show(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
