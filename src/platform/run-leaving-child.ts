import { spawn } from 'node:child_process';
import type { Server } from 'node:net';
import { WindowboxError } from '../errors/index.js';
import { childEnd } from './child-end.js';

export interface LeavingOptions {
  /** Open file that takes stdout and stderr: what stays behind may go on writing to it when we are gone. */
  readonly output: number;
  /** A listening socket that the program, and what it leaves, gets as descriptor 3. */
  readonly socket?: Server;
  readonly cwd?: string;
  /** Milliseconds after which the program gets SIGKILL; what it started by then is the caller's to find. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a program that leaves a process of its own behind, and resolves with its exit code as soon as it has ended. Nothing of it
 * is tied to us: own session, no pipe.
 *
 * @throws WindowboxError `not-found` when there is no such program, `timeout`, `cancelled`.
 */
export async function runLeavingChild(file: string, args: readonly string[], options: LeavingOptions): Promise<number> {
  const extra = options.socket === undefined ? [] : [descriptorOf(options.socket)];
  const child = spawn(file, args, {
    cwd: options.cwd,
    detached: true,
    stdio: ['ignore', options.output, options.output, ...extra],
  });
  const { timeoutMs, signal } = options;
  return childEnd(child, file, { event: 'exit', timeoutMs, graceMs: 0, signal });
}

/** Node has no public name for a listening socket's descriptor; its handle has carried `fd` in every version. */
function descriptorOf(server: Server): number {
  const handle: unknown = '_handle' in server ? server._handle : undefined;
  if (typeof handle === 'object' && handle !== null && 'fd' in handle && typeof handle.fd === 'number')
    return handle.fd;
  throw new WindowboxError('internal', 'Cannot hand over a socket: it is not listening');
}
