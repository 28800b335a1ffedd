import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { type ErrorCode, WindowboxError } from '../errors/index.js';

export interface ChildEndOptions {
  /** `exit`: the process is gone. `close`: and nothing more comes over its pipes. */
  readonly event: 'exit' | 'close';
  /** Milliseconds until it is ended. Always set: nothing may hang for ever. */
  readonly timeoutMs: number;
  /** Milliseconds between SIGTERM and SIGKILL when it is ended; 0: SIGKILL at once. */
  readonly graceMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves with the exit code of a child; one that a signal ended has 128 and the signal's number, as in a shell.
 *
 * @throws WindowboxError `not-found` when there is no such program, `timeout` or `cancelled` when it was ended before its end.
 */
export async function childEnd(child: ChildProcess, file: string, options: ChildEndOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    let ended: 'timeout' | 'cancelled' | undefined;
    const end = (why: 'timeout' | 'cancelled'): void => {
      ended ??= why;
      child.kill(options.graceMs > 0 ? 'SIGTERM' : 'SIGKILL');
      if (options.graceMs > 0) setTimeout(() => child.kill('SIGKILL'), options.graceMs).unref();
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
    child.on(options.event, (code: number | null, signal: NodeJS.Signals | null) => {
      settle();
      if (ended) reject(new WindowboxError(ended, `Cannot run "${file}": ${endedBecause(ended, options.timeoutMs)}`));
      else resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
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
