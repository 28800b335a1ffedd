// `npm run bench:setup`: a whole set-up in a temporary folder, as root: time a step and size, against the promise of 120 s and 1.2 GB; and what the
// launcher adds to the command line's own start.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolvePaths, runCommand } from '../src/platform/index.js';
import { ensureBase, ensureRuntime } from '../src/setup/index.js';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../..');
const home = mkdtempSync(join(tmpdir(), 'windowbox-bench-setup-'));
try {
  await benchSetup();
} finally {
  rmSync(home, { recursive: true, force: true });
}
await benchLauncher();

async function benchSetup(): Promise<void> {
  const paths = resolvePaths({ WINDOWBOX_HOME: home });
  const begin = performance.now();
  await ensureRuntime(paths, {
    rebuild: false,
    report: (event) => {
      if (event.type === 'done') print(`  ${event.name}`, `${seconds(event.milliseconds)} s`);
    },
  });
  const whole = performance.now() - begin;
  print('set-up', `${seconds(whole)} s: ${(whole / 120_000).toFixed(2)} of the promised 120 s`);
  const { stdout } = await runCommand('du', ['--summarize', '--block-size=1', paths.runtime], { timeoutMs: 60_000 });
  const bytes = Number(stdout.split('\t')[0]);
  print('size', `${(bytes / 1e9).toFixed(2)} GB: ${(bytes / 1.2e9).toFixed(2)} of the promised 1.2 GB`);
  const times = [];
  for (const build of ['17763.1', '20348.1', '26100.1']) {
    const start = performance.now();
    await ensureBase(paths, { product: 'nanoserver', osVersion: `10.0.${build}` });
    times.push(performance.now() - start);
  }
  print('a base, first use', `${median(times).toFixed(0)} ms`);
  const start = performance.now();
  await ensureRuntime(paths, { rebuild: false, report: () => {} });
  print('set-up when all is there', `${(performance.now() - start).toFixed(0)} ms`);
}

async function benchLauncher(): Promise<void> {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const launcher = join(repository, 'windowbox');
  await runCommand(launcher, ['hosts'], { timeoutMs: 120_000 });
  const direct: number[] = [];
  const launched: number[] = [];
  for (let round = 0; round < 21; round++) {
    direct.push(await time(process.execPath, [join(repository, 'dist/bin/cli.js'), '--help'], env));
    launched.push(await time(launcher, ['--help'], env));
  }
  const added = median(launched) - median(direct);
  print(
    'launcher over the CLI',
    `${added.toFixed(0)} ms: ${(added / 50).toFixed(2)} of the promised 50 ms (CLI ${median(direct).toFixed(0)} ms)`,
  );
}

async function time(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const begin = performance.now();
  await runCommand(file, args, { timeoutMs: 30_000, env });
  return performance.now() - begin;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}

function print(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(26)}${figure}\n`);
}
