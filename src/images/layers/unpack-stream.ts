import { createGunzip } from 'node:zlib';
import { isErrorCode, WindowboxError } from '../../errors/index.js';
import { createStreamHash, filterThrough, startStreamThread, type StreamThread } from '../../platform/index.js';
import { throughZlib } from './pack-layer.js';

export interface UnpackedStream {
  /** A chunk is there until the next one is asked for, no longer. @throws WindowboxError `data-loss` for damaged bytes. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** SHA-256 of all chunks together, hexadecimal; asked for after the last one. */
  digest(): Promise<string>;
  /** Whatever happened before. */
  close(): void;
}

/** Unpacks a compressed layer, and hashes what comes out. */
export function unpackStream(source: AsyncIterable<Uint8Array>, compression: 'none' | 'gzip' | 'zstd'): UnpackedStream {
  if (compression === 'gzip') return unpackGzip(source);
  return hashed(compression === 'none' ? source : unpackZstd(source));
}

/** A long one on a thread of its own: Node's gunzip has much to do on the thread that called it. */
function unpackGzip(source: AsyncIterable<Uint8Array>): UnpackedStream {
  let used: Pick<UnpackedStream, 'digest' | 'close'> | undefined;
  return {
    chunks: (async function* chunks() {
      const input = source[Symbol.asyncIterator]();
      const early = await readEarly(input);
      if (early.isWhole) {
        const short = hashed(throughZlib(createGunzip({ chunkSize: 1 << 18 }), early.chunks));
        used = short;
        yield* short.chunks;
        return;
      }
      const thread = startStreamThread('unpack');
      used = thread;
      yield* unpackedBy(thread, continued(early.chunks, input));
    })(),
    digest: async () => (await used?.digest()) ?? '',
    close: () => used?.close(),
  };
}

async function* unpackedBy(thread: StreamThread, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let failure: unknown;
  void (async () => {
    try {
      for await (const chunk of source) await thread.send(chunk);
      thread.end();
    } catch (error) {
      failure = error;
      thread.close();
    }
  })();
  try {
    yield* thread.unpacked();
  } catch (error) {
    // The reason why no more was sent says more than that the thread got no more.
    throw failure ?? error;
  } finally {
    thread.close();
  }
}

async function readEarly(input: AsyncIterator<Uint8Array>): Promise<{ chunks: Uint8Array[]; isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  for (let size = 0; size < threadFrom;) {
    const next = await input.next();
    if (next.done === true) return { chunks, isWhole: true };
    chunks.push(next.value);
    size += next.value.length;
  }
  return { chunks, isWhole: false };
}

async function* continued(early: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* early;
    yield* { [Symbol.asyncIterator]: () => rest };
  } finally {
    // Given up among the early ones, the rest was never asked for anything.
    await rest.return?.();
  }
}

function hashed(source: AsyncIterable<Uint8Array>): UnpackedStream {
  const hash = createStreamHash();
  return {
    chunks: (async function* chunks() {
      for await (const chunk of source) {
        await hash.update(chunk);
        yield chunk;
      }
    })(),
    digest: async () => hash.digest(),
    close: () => {
      hash.close();
    },
  };
}

async function* unpackZstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    // The window is bounded, so that no stream makes the program take gigabytes of memory.
    yield* filterThrough('zstd', ['-dcq', '--memory=256MB'], source);
  } catch (error) {
    if (!isErrorCode(error, 'invalid-argument')) throw error;
    throw new WindowboxError('data-loss', `Cannot unpack layer: ${error.message}`, { cause: error });
  }
}

/** Packed bytes; less is not worth the start of a thread. */
const threadFrom = 4 << 20;
