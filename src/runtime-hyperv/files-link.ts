import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WindowboxError } from '../errors/index.js';
import { printable } from './control-link.js';
import { decodeFileFrames, encodeFileFrame, frame, type Frame } from './guest-frames.js';

/** The guest's file server: one request at a time, the caller sees to that. */
export interface FilesLink {
  request(strings: readonly string[]): void;
  /** Resolves when there is room for more. */
  send(type: number, data?: Uint8Array): Promise<void>;
  /** The next frame. @throws WindowboxError `unavailable`, `data-loss`, `timeout`. */
  next(): Promise<Frame>;
  close(): void;
}

const answerMs = 300_000;
const syncMs = 60_000;

/** Greets the file server on a connected socket: whatever an earlier daemon left in the port comes before the answer. */
export async function openFilesLink(socket: Socket): Promise<FilesLink> {
  const reader = readFrames(socket);
  const link: FilesLink = {
    request: (strings) => {
      socket.write(encodeFileFrame(frame.REQUEST, Buffer.from(strings.map((text) => `${text}\0`).join(''))));
    },
    send: async (type, data) => {
      if (!socket.write(encodeFileFrame(type, data)))
        await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
    },
    next: async () => reader.next(answerMs),
    close: () => {
      socket.destroy();
    },
  };
  const nonce = randomBytes(16).toString('hex');
  socket.write(encodeFileFrame(frame.CANCEL));
  link.request(['sync', nonce]);
  await reader.skipPast(encodeFileFrame(frame.OK, Buffer.from(nonce)), syncMs);
  return link;
}

interface FrameReader {
  next(timeoutMs: number): Promise<Frame>;
  skipPast(marker: Buffer, timeoutMs: number): Promise<void>;
}

/** The socket is read only while somebody waits: this is the back-pressure. */
function readFrames(socket: Socket): FrameReader {
  let bytes: Buffer = Buffer.alloc(0);
  let frames: Frame[] = [];
  const more = async (timeoutMs: number): Promise<void> => {
    const chunk = await readChunk(socket, timeoutMs);
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
  };
  return {
    next: async (timeoutMs) => {
      for (;;) {
        const first = frames.shift();
        if (first !== undefined) return first;
        const decoded = decodeFileFrames(bytes);
        frames = [...decoded.frames];
        bytes = decoded.rest;
        if (frames.length === 0) await more(timeoutMs);
      }
    },
    skipPast: async (marker, timeoutMs) => {
      for (;;) {
        const at = bytes.indexOf(marker);
        if (at >= 0) {
          bytes = bytes.subarray(at + marker.length);
          return;
        }
        bytes = bytes.subarray(Math.max(0, bytes.length - marker.length));
        await more(timeoutMs);
      }
    },
  };
}

async function readChunk(socket: Socket, timeoutMs: number): Promise<Buffer> {
  for (;;) {
    const chunk: unknown = socket.read();
    if (Buffer.isBuffer(chunk)) return chunk;
    if (socket.destroyed || socket.readableEnded)
      throw new WindowboxError('unavailable', 'Cannot reach the files of the VM: it has ended');
    await readable(socket, timeoutMs);
  }
}

async function readable(socket: Socket, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(
        new WindowboxError('timeout', `Cannot reach the files of the VM: no answer in ${String(timeoutMs / 1000)} s`),
      );
    }, timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      for (const event of ['readable', 'end', 'close', 'error']) socket.off(event, settle);
      resolve();
    };
    for (const event of ['readable', 'end', 'close', 'error']) socket.once(event, settle);
  });
}

/** What the guest said of a request that failed. */
export function fileError(path: string, data: Buffer): WindowboxError {
  const text = printable(data.toString('utf8'));
  if (text.startsWith('not-found '))
    return new WindowboxError('not-found', `Cannot find "${path}": the container has no such file or folder`);
  return new WindowboxError('internal', `Cannot reach "${path}": ${text}`);
}
