import { spawn } from 'node:child_process';
import { WindowboxError } from '../errors/index.js';
import { childEnd } from './child-end.js';

export interface RunOptions {
  /** Whole environment of the child; default: ours. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Written to standard input, which is then closed; default: empty. */
  readonly input?: string | Uint8Array;
  /** Milliseconds after which the child gets SIGTERM, and two seconds later SIGKILL. Always set: nothing may hang for ever. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Bytes of each of stdout and stderr that are kept (the last ones); default 1 MiB. */
  readonly maxOutput?: number;
  /** Called with each chunk of stdout and stderr as it comes, for progress. */
  readonly onOutput?: (chunk: string, stream: 'stdout' | 'stderr') => void;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end with an argument array, never a shell string.
 *
 * @throws WindowboxError `not-found` when there is no such program, `timeout` or `cancelled` when it was ended before it ended,
 * `internal` when it exits with another code than 0; the message carries the last lines of its stderr.
 */
export async function runCommand(file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const result = await tryCommand(file, args, options);
  if (result.exitCode === 0) return result;
  const said = lastLines(result.stderr) || lastLines(result.stdout);
  throw new WindowboxError(
    'internal',
    `Cannot run "${describeCommand(file, args)}": exit code ${String(result.exitCode)}${said && `: ${said}`}`,
  );
}

/** As {@link runCommand}, but an exit code other than 0 is a result, not an error. */
export async function tryCommand(file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const child = spawn(file, args, { cwd: options.cwd, env: options.env, stdio: ['pipe', 'pipe', 'pipe'] });
  const { timeoutMs, signal, maxOutput = 1 << 20 } = options;
  const kept = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      kept[name] = (kept[name] + chunk).slice(-maxOutput);
      options.onOutput?.(chunk, name);
    });
  }
  child.stdin.on('error', () => {
    // A child that ends without reading its input is no failure of its own: its exit code tells.
  });
  child.stdin.end(options.input ?? '');
  const exitCode = await childEnd(child, file, { event: 'close', timeoutMs, graceMs: 2000, signal });
  return { exitCode, ...kept };
}

/** Enough to know which command it was: some are given whole scripts. */
function describeCommand(file: string, args: readonly string[]): string {
  const line = [file, ...args].join(' ').replaceAll(/\s+/gu, ' ');
  return line.length <= 160 ? line : `${line.slice(0, 159)}…`;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join('; ');
}
