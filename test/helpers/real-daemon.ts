import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRepository, resolvePaths } from '../../src/platform/index.js';
import type { ClientResult } from './run-client.js';

export interface RealDaemon {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs our CLI, bundled where it is, against this daemon. The daemon starts with the first command that needs it. */
  readonly cli: (args: readonly string[], options?: CliOptions) => Promise<ClientResult>;
  /** Starts the CLI and leaves it running; the test ends it. */
  readonly startCli: (args: readonly string[], options?: Pick<CliOptions, 'terminal'>) => ChildProcess;
  /** Ends every process that carries this daemon's folder in its environment. */
  readonly close: () => Promise<void>;
}

export interface CliOptions {
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  /** Run inside of a terminal of this many columns, by script(1). */
  readonly terminal?: boolean;
}

const bundle = join(findRepository(), 'dist/bin/cli.js');
const cliProgram = existsSync(bundle) ? bundle : join(findRepository(), 'dist/src/cli/main.js');

/** A real daemon with its state in a temporary folder, on the machine's finished runtime. */
export async function realDaemon(): Promise<RealDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-e2e-'));
  const env = {
    ...process.env,
    WINDOWBOX_HOME: join(folder, 'home'),
    WINDOWBOX_RUN: join(folder, 'run'),
    WINDOWBOX_RUNTIME: resolvePaths().runtime,
    WINDOWBOX_HOST: '',
    TZ: 'UTC',
  };
  return {
    folder,
    env,
    cli: async (args, options = {}) => runToEnd(commandFor(args, options.terminal ?? false), env, options),
    startCli: (args, options = {}) => {
      const [file = '', ...rest] = commandFor(args, options.terminal ?? false);
      return spawn(file, rest, { env });
    },
    close: async () => {
      await runToEnd([process.execPath, cliProgram, 'ps', '-aq'], env, {}).then(async ({ stdout }) => {
        const ids = stdout.split('\n').filter((id) => id !== '');
        if (ids.length > 0) await runToEnd([process.execPath, cliProgram, 'rm', '-fv', ...ids], env, {});
      });
      await endProcessesOf(folder);
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Ids of the daemons that run with this folder as their state. */
export function daemonsOf(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => {
      const environment = readProcess(pid, 'environ');
      const command = readProcess(pid, 'cmdline');
      return environment.includes(`WINDOWBOX_HOME=${folder}/`) && /daemon\.mjs|daemon\/main\.js/u.test(command);
    });
}

async function endProcessesOf(folder: string): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const pid of daemonsOf(folder)) process.kill(pid, signal);
    for (let waited = 0; waited < 30_000 && daemonsOf(folder).length > 0; waited += 100) await sleep(100);
  }
}

function readProcess(pid: number, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

function commandFor(args: readonly string[], terminal: boolean): readonly string[] {
  const command = [process.execPath, cliProgram, ...args];
  if (!terminal) return command;
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  return ['script', '-qec', `stty cols 101 rows 31; ${quoted}`, '/dev/null'];
}

async function runToEnd(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  options: CliOptions,
): Promise<ClientResult> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { env });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  child.stdin.on('error', () => undefined);
  if (options.terminal !== true || options.input !== undefined) child.stdin.end(options.input ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, ...text });
    });
  });
}
