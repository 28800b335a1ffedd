import { spawn } from 'node:child_process';

export interface DetachedProgram {
  readonly pid: number | undefined;
  readonly hasEnded: () => boolean;
}

/**
 * Starts a program in a session of its own, which outlives us: no input, both outputs to an open file descriptor.
 * A program that cannot be started counts as ended.
 */
export function startDetached(
  file: string,
  args: readonly string[],
  options: { readonly output: number; readonly env?: NodeJS.ProcessEnv },
): DetachedProgram {
  const child = spawn(file, args, {
    cwd: '/',
    detached: true,
    env: options.env,
    stdio: ['ignore', options.output, options.output],
  });
  let ended = false;
  const onEnd = (): void => {
    ended = true;
  };
  child.on('error', onEnd).on('exit', onEnd);
  child.unref();
  return { pid: child.pid, hasEnded: () => ended };
}
