import { spawn } from 'node:child_process';
import { WindowboxError } from '../errors/index.js';

export interface HeldProgram {
  readonly pid: number;
  /** Closes its standard input, ends it if that is not enough, and resolves when it is gone. */
  close(): Promise<void>;
}

export interface HoldOptions {
  readonly cwd?: string;
  /** Milliseconds that it may take to become ready. */
  readonly timeoutMs: number;
}

/**
 * Starts a program that serves us until we close it, and resolves when it has written its first line to stdout. Its standard
 * input is a pipe from us, so that it sees our death as end of file.
 *
 * @throws WindowboxError `internal` with its stderr when it ends before that line, `timeout`.
 */
export async function holdProgram(file: string, args: readonly string[], options: HoldOptions): Promise<HeldProgram> {
  const child = spawn(file, args, { cwd: options.cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-4096);
  });
  child.stdin.on('error', () => {
    // Its end is seen by 'close'; a write that came too late adds nothing.
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new WindowboxError('timeout', `Cannot run "${file}": not ready after ${String(options.timeoutMs)} ms`));
    }, options.timeoutMs);
    const fail = (reason: string): void => {
      clearTimeout(timer);
      reject(new WindowboxError('internal', `Cannot run "${file}": ${reason}`));
    };
    child.once('error', (cause) => {
      fail(cause.message);
    });
    child.once('close', () => {
      fail(stderr.trim() || 'it ended at once');
    });
    child.stdout.once('data', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return {
    pid: child.pid ?? 0,
    close: async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 1000);
      await gone;
      clearTimeout(timer);
    },
  };
}
