import { spawn } from 'node:child_process';
import { type ErrorCode, WindowboxError } from '../errors/index.js';

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
    `Cannot run "${file} ${args.join(' ')}": exit code ${String(result.exitCode)}${said && `: ${said}`}`,
  );
}

/** As {@link runCommand}, but an exit code other than 0 is a result, not an error. */
export async function tryCommand(file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: options.cwd, env: options.env, stdio: ['pipe', 'pipe', 'pipe'] });
    const keep = options.maxOutput ?? 1 << 20;
    const kept = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        kept[name] = (kept[name] + chunk).slice(-keep);
        options.onOutput?.(chunk, name);
      });
    }
    let ended: ErrorCode | undefined;
    const end = (why: ErrorCode): void => {
      ended ??= why;
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 2000).unref();
    };
    const timer = setTimeout(end, options.timeoutMs, 'timeout');
    const onAbort = (): void => {
      end('cancelled');
    };
    options.signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    };
    child.on('error', (cause: NodeJS.ErrnoException) => {
      settle();
      reject(spawnError(file, cause));
    });
    child.on('close', (code, signal) => {
      settle();
      if (ended) reject(new WindowboxError(ended, `Cannot run "${file}": ${endedBecause(ended, options.timeoutMs)}`));
      else resolve({ exitCode: code ?? 128 + (signal === 'SIGKILL' ? 9 : 15), ...kept });
    });
    child.stdin.on('error', () => {
      // A child that ends without reading its input is no failure of its own: its exit code tells.
    });
    child.stdin.end(options.input ?? '');
  });
}

function spawnError(file: string, cause: NodeJS.ErrnoException): WindowboxError {
  if (cause.code !== 'ENOENT')
    return new WindowboxError('internal', `Cannot run "${file}": ${cause.message}`, { cause });
  return new WindowboxError('not-found', `Cannot run "${file}": program not found`, {
    hint: 'Run "windowbox doctor" to see which system packages are missing.',
    cause,
  });
}

function endedBecause(code: ErrorCode, timeoutMs: number): string {
  return code === 'timeout' ? `no end after ${String(timeoutMs / 1000)} s` : 'cancelled';
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join('; ');
}
