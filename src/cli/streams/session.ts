import type { Socket } from 'node:net';
import { copyOutput } from './copy-output.js';
import { makeDetachWatch } from './detach-keys.js';

export interface SessionOptions {
  /** The container has a terminal: one raw stream. */
  readonly terminal: boolean;
  readonly stdin: boolean;
  readonly detachKeys: Uint8Array;
}

export interface Session {
  /** Resolves when the last output is written, or the user has typed the detach keys. */
  readonly ended: Promise<'output-ended' | 'detached'>;
  /** Gives the terminal back as it was. Must be called, whatever happened. */
  close(): void;
}

/** Ties our standard streams to an attached connection. */
export function openSession(socket: Socket, options: SessionOptions): Session {
  const raw = options.terminal && options.stdin && process.stdin.isTTY;
  if (raw) process.stdin.setRawMode(true);
  const close = (): void => {
    if (raw) process.stdin.setRawMode(false);
    if (options.stdin) process.stdin.destroy();
    socket.destroy();
  };
  const detached = options.stdin ? copyInput(socket, raw ? options.detachKeys : undefined) : never;
  const output = copyOutput(socket, options.terminal ? 'raw' : 'framed').then(() => 'output-ended' as const);
  const ended = Promise.race([output, detached]);
  // Not awaited when the start fails: then its end is no news.
  ended.catch(() => undefined);
  return { ended, close };
}

/** Never resolves: there is no input to detach by. */
const never = new Promise<'detached'>(() => {});

async function copyInput(socket: Socket, detachKeys: Uint8Array | undefined): Promise<'detached'> {
  const watch = detachKeys === undefined ? undefined : makeDetachWatch(detachKeys);
  return new Promise((resolve) => {
    process.stdin.on('data', (chunk: Buffer) => {
      const { pass, detached } = watch?.(chunk) ?? { pass: chunk, detached: false };
      if (pass.length > 0 && socket.writable && !socket.write(pass)) {
        process.stdin.pause();
        socket.once('drain', () => process.stdin.resume());
      }
      if (detached) resolve('detached');
    });
    process.stdin.on('end', () => socket.end());
    // A program that ends while we still send: its exit code tells, not the broken pipe.
    socket.on('error', () => process.stdin.pause());
    process.stdin.on('error', () => socket.end());
  });
}
