import { Readable, type Transform } from 'node:stream';
import { createGzip } from 'node:zlib';
import { describeError, WindowboxError } from '../../errors/index.js';

/** gzip without a name or time in it: equal input, equal bytes. */
export async function* packGzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* throughZlib(createGzip({ level: 6, chunkSize: 1 << 18 }), source);
}

/** What a filter of zlib makes of a stream. @throws WindowboxError `data-loss` for what it cannot read. */
export async function* throughZlib(
  filter: Transform,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
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
