import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type FileThread, startFileThread } from './file-thread.js';

/** SHA-256 of a file that is being written, taken of what is on the disk. */
export interface FileHash {
  /** So many bytes are there. */
  grow(length: number): void;
  /** Hexadecimal, of all that is there; asked for once. */
  digest(): Promise<string>;
  /** Whatever happened before; the file is closed after it. */
  close(): Promise<void>;
}

/**
 * Many processors hash about as fast as a disk writes, so a file that becomes long is hashed on a thread of its own while it grows. A short one is not
 * worth the start of a thread: it is hashed at the end.
 */
export function createFileHash(file: FileHandle, expectedSize: number): FileHash {
  return expectedSize < threadFrom ? hashAtEnd(file) : hashMeanwhile(startFileThread(file.fd));
}

function hashMeanwhile(thread: FileThread): FileHash {
  return {
    grow: (length) => {
      thread.grow(length);
    },
    digest: async () => {
      thread.end();
      return thread.digest();
    },
    close: async () => thread.close(),
  };
}

function hashAtEnd(file: FileHandle): FileHash {
  let length = 0;
  return {
    grow: (now) => {
      length = now;
    },
    digest: async () => {
      const bytes = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(bytes, 0, length, 0);
      return createHash('sha256').update(bytes.subarray(0, bytesRead)).digest('hex');
    },
    close: async () => {},
  };
}

/** Bytes. */
const threadFrom = 8 << 20;
