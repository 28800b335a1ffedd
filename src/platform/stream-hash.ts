import { createHash } from 'node:crypto';
import { startStreamThread, type StreamThread } from './stream-thread.js';

/** SHA-256 of a stream of bytes, taken while its owner works on the same bytes. */
export interface StreamHash {
  /** Resolves when more may come. Nobody changes the chunk afterwards. */
  update(chunk: Uint8Array): Promise<void>;
  /** Hexadecimal; asked for once. */
  digest(): Promise<string>;
  /** Whatever happened before. */
  close(): void;
}

/**
 * Many processors hash about as fast as a disk writes, so a long stream is hashed on a thread of its own. A short one is not worth the start of
 * a thread: its chunks are kept and hashed at the end.
 */
export function createStreamHash(threadFrom = 8 << 20): StreamHash {
  let held: Uint8Array[] = [];
  let size = 0;
  let thread: StreamThread | undefined;
  return {
    update: async (chunk) => {
      if (thread) return thread.send(chunk);
      held.push(chunk);
      size += chunk.length;
      if (size < threadFrom) return;
      thread = startStreamThread('hash');
      for (const early of held.splice(0)) await thread.send(early);
    },
    digest: async () => {
      thread?.end();
      if (thread) return thread.digest();
      const hash = createHash('sha256');
      for (const chunk of held) hash.update(chunk);
      return hash.digest('hex');
    },
    close: () => {
      held = [];
      thread?.close();
    },
  };
}
