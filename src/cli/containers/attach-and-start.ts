import type { Socket } from 'node:net';
import { WindowboxError } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import { readDetachKeys } from '../streams/detach-keys.js';
import { printError } from '../streams/print.js';
import { proxySignals } from '../streams/proxy-signals.js';
import { openSession } from '../streams/session.js';
import { followTerminalSize } from '../streams/terminal-size.js';
import { startContainer } from './start-container.js';
import { processExitCode, startFailureCode } from './exit-code.js';
import { waitForExit } from './wait-for-exit.js';

export interface AttachOptions {
  readonly id: string;
  readonly terminal: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** The flag's text; undefined: Docker's default. */
  readonly detachKeys: string | undefined;
  readonly proxySignals: boolean;
  /** `--rm`: the end is when the container has gone, so that its name is free again. */
  readonly removedAtEnd: boolean;
}

/**
 * Starts a container that was created, with our streams tied to it, and resolves with the exit code for ourselves.
 *
 * Attach and wait go out together and are both answered before the start goes out: nothing of the output is missed, and an end
 * that comes at once is seen.
 */
export async function attachAndStart(client: Client, options: AttachOptions): Promise<number> {
  const path = `/containers/${options.id}`;
  const detachKeys = readDetachKeys(options.detachKeys);
  const [socket, exit] = await Promise.all([
    attach(client, options),
    waitForExit(client, options.id, options.removedAtEnd ? 'removed' : 'next-exit'),
  ]);
  const stopProxy = options.proxySignals ? proxySignals(client, options.id) : undefined;
  const session = openSession(socket, { terminal: options.terminal, stdin: options.stdin, detachKeys });
  try {
    await startContainer(client, options.id);
    const stopSize = options.terminal ? followTerminalSize(client, path) : undefined;
    const outcome = await session.ended;
    stopSize?.();
    return outcome === 'detached' ? 0 : processExitCode(await exit.code);
  } finally {
    stopProxy?.();
    session.close();
  }
}

/** Takes over a connection to the container's streams. */
export async function attach(
  client: Client,
  options: Pick<AttachOptions, 'id' | 'stdin' | 'stdout' | 'stderr' | 'detachKeys'>,
): Promise<Socket> {
  return client.hijack({
    method: 'POST',
    path: `/containers/${options.id}/attach`,
    query: {
      stream: 1,
      stdin: options.stdin ? 1 : undefined,
      stdout: options.stdout ? 1 : undefined,
      stderr: options.stderr ? 1 : undefined,
      detachKeys: options.detachKeys,
    },
  });
}

/** Says why a container did not start, and gives Docker's exit code for it. */
export function reportFailedStart(error: unknown): number {
  if (!(error instanceof WindowboxError)) throw error;
  printError(`windowbox: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
  return startFailureCode(error);
}
