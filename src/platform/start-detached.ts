import { spawn } from 'node:child_process';

export interface DetachedProgram {
  readonly pid: number | undefined;
  readonly hasEnded: () => boolean;
  /** The end of what it has written; empty when its output goes to a file. */
  readonly said: () => string;
}

export interface DetachedOptions {
  /** Open file descriptor for both outputs. `memory`: we keep their end as long as we live; afterwards they go nowhere. */
  readonly output: number | 'memory';
  readonly env?: NodeJS.ProcessEnv;
  /** Open file descriptor that the program gets as its descriptor 3. */
  readonly third?: number;
}

const keptCharacters = 4096;

/**
 * Starts a program in a session of its own, which outlives us: no input, no terminal. A program that cannot be started counts as
 * ended.
 */
export function startDetached(file: string, args: readonly string[], options: DetachedOptions): DetachedProgram {
  const output = options.output === 'memory' ? 'pipe' : options.output;
  const child = spawn(file, args, {
    cwd: '/',
    detached: true,
    env: options.env,
    stdio: ['ignore', output, output, ...(options.third === undefined ? [] : [options.third])],
  });
  let ended = false;
  let said = '';
  const onEnd = (error?: unknown): void => {
    if (error instanceof Error) said = error.message;
    ended = true;
  };
  child.on('error', onEnd).on('exit', () => {
    onEnd();
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-keptCharacters)));
  child.unref();
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
  return { pid: child.pid, hasEnded: () => ended, said: () => said };
}
