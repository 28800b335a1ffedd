import { WindowboxError } from '../../../errors/index.js';
import { type ListedEntry, readListingLine } from '../../../docker-api/index.js';

/** The two parts of the body of `POST /build/incremental`, to be read one after the other. */
export interface SplitListing {
  readonly entries: AsyncIterable<readonly ListedEntry[]>;
  /** What comes after the list. */
  readonly contents: AsyncIterable<Uint8Array>;
}

/** @throws WindowboxError (while reading) `invalid-argument` for a list that is none, or that does not end. */
export function splitListing(body: AsyncIterable<Uint8Array>): SplitListing {
  const source = body[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);
  async function* entries(): AsyncGenerator<readonly ListedEntry[]> {
    for (;;) {
      const next = await source.next();
      if (next.done === true) throw bad('it does not end with an empty line');
      const bytes = Buffer.concat([rest, next.value]);
      const end = endOf(bytes);
      const whole = end ?? bytes.lastIndexOf(newline) + 1;
      rest = bytes.subarray(whole);
      const lines = bytes.toString('utf8', 0, whole).split('\n').slice(0, -1);
      yield lines.map(readListingLine);
      if (end !== undefined) {
        rest = rest.subarray(1);
        return;
      }
      if (rest.length > longestLine) throw bad(`a line has more than ${String(longestLine)} bytes`);
    }
  }
  async function* contents(): AsyncGenerator<Uint8Array> {
    yield rest;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  }
  return { entries: entries(), contents: contents() };
}

/** Where the empty line is that ends the list: within a line there is no bare newline, since JSON escapes it. */
function endOf(bytes: Buffer): number | undefined {
  if (bytes[0] === newline) return 0;
  const at = bytes.indexOf('\n\n');
  return at < 0 ? undefined : at + 1;
}

function bad(what: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot read the list of files: ${what}`);
}

const newline = 0x0a;
/** A path and a link's target of 4095 characters each, each of which JSON may write as six. */
const longestLine = 1 << 16;
