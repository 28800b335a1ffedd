import { WindowboxError } from '../errors/index.js';
import { ByteReader } from './byte-reader.js';

export type TarEntryType = 'file' | 'folder' | 'symlink' | 'hardlink' | 'other';

export interface TarHeader {
  /** As written, without a trailing slash. Never to be used as a path before it was checked. */
  readonly name: string;
  readonly type: TarEntryType;
  /** Bytes of the body. */
  readonly size: number;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
  /** All PAX records of the entry, those that are read into other fields too. */
  readonly pax: Readonly<Record<string, string>>;
}

export interface TarEntry {
  readonly header: TarHeader;
  /** The content, in pieces. What is not read is skipped. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface TarLimits {
  /** Bytes of all PAX records and GNU long names before one entry together; default 1 MiB. */
  readonly maxHeader?: number;
  /** Entries; default 4 million. */
  readonly maxEntries?: number;
}

/**
 * Reads a tar stream (ustar, PAX, GNU long names; no GNU sparse files) in constant memory. A piece of a body is there until the next is asked for,
 * where the source's chunks are.
 *
 * @throws WindowboxError `invalid-argument` for a stream that is no tar, ends early, or goes over a limit. Hostile input is the
 * normal case: every length is checked before it is believed.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  limits: TarLimits = {},
): AsyncGenerator<TarEntry, void, undefined> {
  const input = new ByteReader(source);
  const { maxHeader = 1 << 20, maxEntries = 4_000_000 } = limits;
  const globals: Record<string, string> = {};
  let local: Record<string, string> = {};
  let long: { name?: string; linkName?: string } = {};
  let headerBytes = 0;
  for (let count = 0; ;) {
    const block = await input.readBlock();
    if (!block || (block[0] === 0 && block.every((byte) => byte === 0))) break;
    const raw = parseBlock(block);
    if (isMeta(raw.flag)) {
      const data = await readMeta(input, raw, maxHeader - headerBytes);
      headerBytes += data.length + 512;
      if (raw.flag === 'x') Object.assign(local, parsePax(data));
      else if (raw.flag === 'g') addGlobals(globals, parsePax(data));
      else long = { ...long, [raw.flag === 'L' ? 'name' : 'linkName']: cutAtZero(data.toString('utf8')) };
      continue;
    }
    count += 1;
    if (count > maxEntries) throw bad(`more than ${String(maxEntries)} entries`);
    const header = completeHeader(raw, { ...globals, ...local }, long);
    local = {};
    long = {};
    headerBytes = 0;
    const body = input.body(header.size);
    yield { header, body };
    await input.skipBody();
  }
  await input.drain();
}

interface RawHeader {
  readonly name: string;
  readonly flag: string;
  readonly size: number;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modified: number;
}

function isMeta(flag: string): boolean {
  return flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K';
}

function parseBlock(block: Buffer): RawHeader {
  const stored = readOctal(block, 148, 8);
  // The checksum itself counts as eight spaces.
  let sum = 8 * 32;
  for (let index = 0; index < 512; index += 1) sum += block[index] ?? 0;
  for (let index = 148; index < 156; index += 1) sum -= block[index] ?? 0;
  if (stored !== sum) throw bad('a header with a wrong checksum');
  const isUstar = block.toString('latin1', 257, 262) === 'ustar';
  const isGnu = block.toString('latin1', 257, 265) === 'ustar  \0';
  const prefix = isUstar && !isGnu ? readText(block, 345, 155) : '';
  const name = readText(block, 0, 100);
  const flag = String.fromCharCode(block[156] ?? 0);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    flag: flag === '\0' ? '0' : flag,
    size: readOctal(block, 124, 12),
    linkName: readText(block, 157, 100),
    mode: readOctal(block, 100, 8),
    uid: readOctal(block, 108, 8),
    gid: readOctal(block, 116, 8),
    modified: readOctal(block, 136, 12),
  };
}

async function readMeta(input: ByteReader, raw: RawHeader, max: number): Promise<Buffer> {
  if (raw.size > max) throw bad(`headers of more than ${String(max)} bytes before one entry`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of input.body(raw.size)) chunks.push(Buffer.from(chunk));
  await input.skipBody();
  return Buffer.concat(chunks);
}

/** Each entry pays for what is said of all: an archive that means well says a line. */
function addGlobals(globals: Record<string, string>, more: Readonly<Record<string, string>>): void {
  Object.assign(globals, more);
  const records = Object.entries(globals);
  const size = records.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (records.length > 32 || size > 4096) throw bad('too many PAX records for all entries');
}

/** `LENGTH KEY=VALUE\n`, the length counting itself. */
function parsePax(data: Buffer): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < data.length && data[at] !== 0;) {
    const space = data.indexOf(0x20, at);
    const length = space < 0 || space - at > 9 ? NaN : Number(data.toString('latin1', at, space));
    const end = at + length;
    if (!Number.isSafeInteger(length) || end > data.length || end <= space + 2 || data[end - 1] !== 0x0a)
      throw bad('a malformed PAX record');
    const equals = data.indexOf(0x3d, space + 1);
    if (equals < 0 || equals >= end) throw bad('a PAX record without "="');
    const key = data.toString('utf8', space + 1, equals);
    if (key === '__proto__') throw bad('a PAX record named "__proto__"');
    if (key.startsWith('GNU.sparse')) throw bad('a GNU sparse file');
    records[key] = data.toString('utf8', equals + 1, end - 1);
    at = end;
  }
  return records;
}

function completeHeader(
  raw: RawHeader,
  pax: Record<string, string>,
  long: { name?: string; linkName?: string },
): TarHeader {
  const name = pax['path'] ?? long.name ?? raw.name;
  const linkName = pax['linkpath'] ?? long.linkName ?? raw.linkName;
  if (name.length > maxName || linkName.length > maxName)
    throw bad(`a name of more than ${String(maxName)} characters`);
  const type = typeOf(raw.flag, name);
  const declared = pax['size'] === undefined ? raw.size : paxNumber(pax['size'], 'size');
  return {
    name: withoutEndSlashes(name),
    type,
    size: type === 'file' || raw.flag === '7' ? declared : type === 'other' ? declared : 0,
    linkName,
    mode: raw.mode & 0o7777,
    uid: pax['uid'] === undefined ? raw.uid : paxNumber(pax['uid'], 'uid'),
    gid: pax['gid'] === undefined ? raw.gid : paxNumber(pax['gid'], 'gid'),
    modified: pax['mtime'] === undefined ? BigInt(raw.modified) * 1_000_000_000n : parsePaxTime(pax['mtime']),
    pax,
  };
}

function typeOf(flag: string, name: string): TarEntryType {
  if (flag === 'S') throw bad('a GNU sparse file');
  if (flag === '0' || flag === '7') return name.endsWith('/') ? 'folder' : 'file';
  return ({ '1': 'hardlink', '2': 'symlink', '5': 'folder' } as const)[flag] ?? 'other';
}

/** `seconds.fraction` to nanoseconds; the fraction may have any length and is not zero-padded by every writer. */
export function parsePaxTime(text: string): bigint {
  const match = /^(-?)(\d{1,15})(?:\.(\d{0,20}))?$/u.exec(text);
  if (!match) throw bad(`the time "${text.slice(0, 40)}"`);
  const [, sign, seconds = '0', fraction = ''] = match;
  const value = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return sign === '-' ? -value : value;
}

function paxNumber(text: string, key: string): number {
  const value = /^\d{1,16}$/u.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw bad(`the ${key} "${text.slice(0, 40)}"`);
  return value;
}

/** Octal text, or the base-256 form that GNU tar writes for large numbers. */
function readOctal(block: Buffer, at: number, length: number): number {
  const first = block[at] ?? 0;
  if (first & 0x80) {
    let value = BigInt(first & 0x7f);
    for (let index = at + 1; index < at + length; index += 1) value = (value << 8n) | BigInt(block[index] ?? 0);
    // A first byte of 0xff is a negative number: only times before 1970 have it, and those are read from PAX.
    if (first & 0x40) return 0;
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw bad('a number that is too large');
    return Number(value);
  }
  const text = cutAtZero(block.toString('latin1', at, at + length)).trim();
  if (text === '') return 0;
  if (!/^[0-7]+$/u.test(text)) throw bad('a header field that is no number');
  return parseInt(text, 8);
}

function readText(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString('utf8', at, end < 0 || end > at + length ? at + length : end);
}

/** Not by a pattern: that would look at each slash of a long row again. */
function withoutEndSlashes(name: string): string {
  let end = name.length;
  while (name[end - 1] === '/') end -= 1;
  return name.slice(0, end);
}

function cutAtZero(text: string): string {
  const zero = text.indexOf('\0');
  return zero < 0 ? text : text.slice(0, zero);
}

/** Windows takes 32767, Linux 4096. */
const maxName = 65_535;

function bad(what: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot read tar stream: ${what}`);
}
