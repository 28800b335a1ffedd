import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';

/** A content that was taken in. */
export interface Spooled {
  /** Where it begins. */
  readonly at: number;
  readonly size: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/**
 * What files hold, one after the other in one file without a name, which goes with us whatever happens. To make a file of each would cost
 * most of a cached build's time.
 */
export interface Spool {
  take(content: AsyncIterable<Uint8Array>): Promise<Spooled>;
  read(content: Pick<Spooled, 'at' | 'size'>): AsyncIterable<Uint8Array>;
  /** Bytes. */
  size(): number;
  close(): void;
}

export async function openSpool(parent: string): Promise<Spool> {
  const file = await openNameless(parent);
  let end = 0;
  return {
    take: async (content) => {
      const hash = createHash('sha256');
      const at = end;
      // Synchronous calls: a thread's turn for each costs many times what they do.
      for await (const chunk of content) {
        hash.update(chunk);
        for (let done = 0; done < chunk.length;) {
          const count = writeSync(file, chunk, done, chunk.length - done, end);
          done += count;
          end += count;
        }
      }
      return { at, size: end - at, sha256: hash.digest('hex') };
    },
    read: (content) => readSpool(file, content),
    size: () => end,
    close: () => {
      closeSync(file);
    },
  };
}

async function* readSpool(file: number, { at, size }: Pick<Spooled, 'at' | 'size'>): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < size;) {
    const chunk = Buffer.allocUnsafe(Math.min(size - done, 1 << 18));
    const count = readSync(file, chunk, 0, chunk.length, at + done);
    if (count === 0) throw new WindowboxError('data-loss', 'Cannot read what was spooled: it became shorter');
    done += count;
    yield chunk.subarray(0, count);
  }
}

async function openNameless(parent: string): Promise<number> {
  const folder = await mkdtemp(join(parent, 'spool-'));
  try {
    const path = join(folder, 'content');
    const file = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return file;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
