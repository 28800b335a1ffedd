import { Readable, type Transform } from 'node:stream';
import { describeError, WindowboxError } from '../errors/index.js';

/** What a filter of zlib makes of a stream. `refuse` makes the error for bytes that the filter cannot read, of the reason. */
export async function* throughZlib(
  filter: Transform,
  source: AsyncIterable<Uint8Array>,
  refuse: (reason: string, cause: unknown) => WindowboxError,
): AsyncGenerator<Uint8Array, void, undefined> {
  const input = Readable.from(source, { objectMode: false, highWaterMark: 1 << 18 });
  input.on('error', (error) => filter.destroy(error));
  input.pipe(filter);
  try {
    for await (const chunk of filter) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    throw error instanceof WindowboxError ? error : refuse(describeError(error), error);
  } finally {
    input.destroy();
    filter.destroy();
  }
}
