import { createTarParser, type TarEvent, type TarLimits, type TarParser } from './parse-tar.js';
import type { TarHeader } from './tar-fields.js';

export interface TarEntry {
  readonly header: TarHeader;
  /** The content, in pieces. What is not read is skipped. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * The entries of a tar stream, one at a time; what {@link createTarParser} says of archives holds. A piece of a body is there until the next is asked for,
 * where the source's chunks are.
 *
 * @throws WindowboxError `invalid-argument` for a stream that is no tar, ends early, or goes over a limit.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  limits: TarLimits = {},
): AsyncGenerator<TarEntry, void, undefined> {
  const events = new EventReader(source, createTarParser(limits));
  for (;;) {
    const event = await events.next();
    if (!event) return;
    if (event.kind === 'entry') yield { header: event.header, body: events.body() };
  }
}

/** Asks for a chunk when all that the one before said was taken; so the source is read to its end, and whoever hashes it sees all of it. */
class EventReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #parser: TarParser;
  #events: Iterator<TarEvent> = [][Symbol.iterator]();
  #isInEntry = false;

  constructor(source: AsyncIterable<Uint8Array>, parser: TarParser) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#parser = parser;
  }

  async next(): Promise<TarEvent | undefined> {
    for (;;) {
      const event = this.#events.next();
      if (event.done !== true) {
        this.#isInEntry = event.value.kind !== 'end';
        return event.value;
      }
      const chunk = await this.#chunks.next();
      if (chunk.done === true) {
        this.#parser.finish();
        return undefined;
      }
      this.#events = this.#parser.push(chunk.value)[Symbol.iterator]();
    }
  }

  /** Of the entry that came last. */
  body(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => ({ next: async () => this.#nextOfBody() }) };
  }

  async #nextOfBody(): Promise<IteratorResult<Uint8Array, undefined>> {
    const event = this.#isInEntry ? await this.next() : undefined;
    return event?.kind === 'bytes' ? { done: false, value: event.bytes } : { done: true, value: undefined };
  }
}
