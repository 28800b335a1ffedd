import { Readable, type Transform } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { describeError, isErrorCode, WindowboxError } from '../../errors/index.js';
import { filterThrough } from '../../platform/index.js';

/**
 * Unpacks a compressed layer stream.
 *
 * @throws WindowboxError (while reading) `data-loss` for damaged bytes.
 */
export async function* unpackStream(
  source: AsyncIterable<Uint8Array>,
  compression: 'none' | 'gzip' | 'zstd',
): AsyncGenerator<Uint8Array, void, undefined> {
  if (compression === 'none') yield* source;
  // The window is bounded, so that no stream makes the program take gigabytes of memory.
  else if (compression === 'zstd') yield* unpackZstd(source);
  else yield* through(createGunzip({ chunkSize: 1 << 20 }), source);
}

async function* unpackZstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* filterThrough('zstd', ['-dcq', '--memory=256MB'], source);
  } catch (error) {
    if (!isErrorCode(error, 'invalid-argument')) throw error;
    throw new WindowboxError('data-loss', `Cannot unpack layer: ${error.message}`, { cause: error });
  }
}

/** gzip without a name or time in it: equal input, equal bytes. */
export async function* packGzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* through(createGzip({ level: 6, chunkSize: 1 << 18 }), source);
}

async function* through(filter: Transform, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = Readable.from(source, { objectMode: false, highWaterMark: 1 << 18 });
  input.on('error', (error) => filter.destroy(error));
  input.pipe(filter);
  try {
    for await (const chunk of filter) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    if (error instanceof WindowboxError) throw error;
    throw new WindowboxError('data-loss', `Cannot unpack layer: ${describeError(error)}`, { cause: error });
  } finally {
    input.destroy();
    filter.destroy();
  }
}
