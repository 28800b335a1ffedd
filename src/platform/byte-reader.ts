import { WindowboxError } from '../errors/index.js';

/** Hands out a byte stream in blocks and bodies. One body at a time, in order. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  #left = 0;
  #padding = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** 512 bytes; undefined at the end of the stream. */
  async readBlock(): Promise<Buffer | undefined> {
    if (this.#chunk.length >= 512) return this.#take(512);
    const parts: Buffer[] = [];
    for (let missing = 512; missing > 0;) {
      if (this.#chunk.length === 0 && !(await this.#fill())) {
        if (parts.length === 0) return undefined;
        throw endsEarly('header');
      }
      // A copy, since a source may use a chunk's memory again for the next one.
      const part = Buffer.from(this.#take(Math.min(missing, this.#chunk.length)));
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  body(size: number): AsyncIterable<Uint8Array> {
    this.#left = size;
    this.#padding = (512 - (size % 512)) % 512;
    return { [Symbol.asyncIterator]: () => ({ next: async () => this.#nextOfBody() }) };
  }

  async skipBody(): Promise<void> {
    while (this.#left > 0) await this.#nextOfBody();
    while (this.#padding > 0) {
      if (this.#chunk.length === 0 && !(await this.#fill())) return;
      this.#padding -= this.#take(Math.min(this.#padding, this.#chunk.length)).length;
    }
  }

  /** Reads the rest, so that whoever hashes the stream sees all of it. */
  async drain(): Promise<void> {
    while (await this.#fill());
  }

  async #nextOfBody(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#left === 0) return { done: true, value: undefined };
    if (this.#chunk.length === 0 && !(await this.#fill())) throw endsEarly('file');
    const part = this.#take(Math.min(this.#left, this.#chunk.length));
    this.#left -= part.length;
    return { done: false, value: part };
  }

  #take(length: number): Buffer {
    const part = this.#chunk.subarray(0, length);
    this.#chunk = this.#chunk.subarray(length);
    return part;
  }

  async #fill(): Promise<boolean> {
    for (;;) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      if (next.value.length === 0) continue;
      this.#chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
      return true;
    }
  }
}

function endsEarly(where: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot read tar stream: it ends in the middle of a ${where}`);
}
