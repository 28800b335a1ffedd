import {
  badTar,
  type BlockFields,
  completeHeader,
  cutAtZero,
  type LongNames,
  mergeGlobals,
  parseBlock,
  parsePax,
  type TarHeader,
} from './tar-fields.js';

export interface TarLimits {
  /** Bytes of all PAX records and GNU long names before one entry together; default 1 MiB. */
  readonly maxHeader?: number;
  /** Entries; default 4 million. */
  readonly maxEntries?: number;
}

/** What an archive says next. The bytes of an entry come after it, its end after these, also where it has none. */
export type TarEvent =
  | { readonly kind: 'entry'; readonly header: TarHeader }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' };

/**
 * Reads a tar archive (ustar, PAX, GNU long names; no GNU sparse files) from chunks of any size, in constant memory. Without a promise: an archive of
 * many small files would spend its time on these.
 */
export interface TarParser {
  /**
   * What the chunk has to say; asked for to its end. Bytes are part of the chunk.
   *
   * @throws WindowboxError `invalid-argument` for what is no tar or goes over a limit. Hostile input is the normal case: every length is checked before
   * it is believed.
   */
  push(chunk: Uint8Array): Iterable<TarEvent>;
  /** No chunk comes any more. @throws WindowboxError `invalid-argument` in the middle of an entry. */
  finish(): void;
}

export function createTarParser(limits: TarLimits = {}): TarParser {
  const state: ParserState = {
    limits: { maxHeader: limits.maxHeader ?? 1 << 20, maxEntries: limits.maxEntries ?? 4_000_000 },
    part: { kind: 'block' },
    held: [],
    missing: blockSize,
    globals: undefined,
    local: {},
    long: {},
    headerBytes: 0,
    entries: 0,
  };
  return {
    push: (chunk) => parseChunk(state, Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)),
    finish: () => {
      const { part, held } = state;
      if (part.kind === 'block' ? held.length > 0 : part.kind === 'meta') throw endsEarly('header');
      if (part.kind === 'body') throw endsEarly('file');
    },
  };
}

/** Which part of the archive comes next; how much of it is missing is said beside it. */
type Part =
  | { readonly kind: 'block' | 'padding' | 'rest' }
  | { readonly kind: 'meta'; readonly fields: BlockFields }
  | { readonly kind: 'body'; readonly size: number };

interface ParserState {
  readonly limits: Required<TarLimits>;
  part: Part;
  /** The beginning of a block or of records that the chunk before had. */
  held: Buffer[];
  /** Bytes of the part. */
  missing: number;
  /** PAX records for all entries to come. */
  globals: Record<string, string> | undefined;
  /** Those for the next entry. */
  local: Record<string, string>;
  long: LongNames;
  headerBytes: number;
  entries: number;
}

function* parseChunk(state: ParserState, chunk: Buffer): Generator<TarEvent, void, undefined> {
  for (let at = 0; at < chunk.length && state.part.kind !== 'rest';) {
    const piece = chunk.subarray(at, at + Math.min(state.missing, chunk.length - at));
    at += piece.length;
    state.missing -= piece.length;
    const { part } = state;
    if (part.kind === 'body') {
      yield { kind: 'bytes', bytes: piece };
      if (state.missing > 0) continue;
      yield { kind: 'end' };
      begin(state, { kind: 'padding' }, paddingOf(part.size));
    } else if (part.kind === 'padding') {
      if (state.missing === 0) begin(state, { kind: 'block' }, blockSize);
    } else {
      const whole = collect(state, piece);
      if (!whole) continue;
      const header = part.kind === 'meta' ? takeMeta(state, part.fields, whole) : takeBlock(state, whole);
      if (!header) continue;
      yield { kind: 'entry', header };
      if (header.size === 0) yield { kind: 'end' };
    }
  }
}

/** Blocks and records are looked at as a whole; most lie in one chunk. */
function collect(state: ParserState, piece: Buffer): Buffer | undefined {
  if (state.missing === 0 && state.held.length === 0) return piece;
  // A copy, since a source may use a chunk's memory again for the next one.
  state.held.push(Buffer.from(piece));
  if (state.missing > 0) return undefined;
  const whole = Buffer.concat(state.held);
  state.held = [];
  return whole;
}

/** The header of an entry, where the block is one. */
function takeBlock(state: ParserState, block: Buffer): TarHeader | undefined {
  if (block[0] === 0 && block.every((byte) => byte === 0)) {
    begin(state, { kind: 'rest' }, 0);
    return undefined;
  }
  const fields = parseBlock(block);
  if (isMeta(fields.flag)) {
    const { maxHeader } = state.limits;
    if (fields.size > maxHeader - state.headerBytes)
      throw badTar(`headers of more than ${String(maxHeader - state.headerBytes)} bytes before one entry`);
    if (fields.size === 0) return takeMeta(state, fields, Buffer.alloc(0));
    begin(state, { kind: 'meta', fields }, fields.size);
    return undefined;
  }
  state.entries += 1;
  if (state.entries > state.limits.maxEntries) throw badTar(`more than ${String(state.limits.maxEntries)} entries`);
  const pax = state.globals ? { ...state.globals, ...state.local } : state.local;
  const header = completeHeader(fields, pax, state.long);
  state.local = {};
  state.long = {};
  state.headerBytes = 0;
  if (header.size > 0) begin(state, { kind: 'body', size: header.size }, header.size);
  else begin(state, { kind: 'block' }, blockSize);
  return header;
}

/** What is said before an entry, or before all of them. */
function takeMeta(state: ParserState, { flag, size }: BlockFields, data: Buffer): undefined {
  state.headerBytes += size + blockSize;
  if (flag === 'x') parsePax(data, state.local);
  else if (flag === 'g') state.globals = mergeGlobals(state.globals, parsePax(data, {}));
  else state.long = { ...state.long, [flag === 'L' ? 'name' : 'linkName']: cutAtZero(data.toString('utf8')) };
  begin(state, { kind: 'padding' }, paddingOf(size));
  return undefined;
}

function begin(state: ParserState, part: Part, length: number): void {
  if (part.kind === 'padding' && length === 0) return begin(state, { kind: 'block' }, blockSize);
  state.part = part;
  state.missing = length;
}

function isMeta(flag: string): boolean {
  return flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K';
}

function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

function endsEarly(where: string): Error {
  return badTar(`it ends in the middle of a ${where}`);
}

const blockSize = 512;
