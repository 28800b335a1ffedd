import { WindowboxError } from '../errors/index.js';

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

/** What a header block says itself; PAX records and GNU long names may know better. */
export interface BlockFields {
  readonly name: string;
  readonly flag: string;
  readonly size: number;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modified: number;
}

/** GNU long names, for the next entry. */
export interface LongNames {
  readonly name?: string;
  readonly linkName?: string;
}

/** @throws WindowboxError `invalid-argument` for what is no header. */
export function parseBlock(block: Buffer): BlockFields {
  const stored = readOctal(block, 148, 8);
  // The checksum itself counts as eight spaces.
  let sum = 8 * 32;
  for (let index = 0; index < 512; index += 1) sum += block[index] ?? 0;
  for (let index = 148; index < 156; index += 1) sum -= block[index] ?? 0;
  if (stored !== sum) throw badTar('a header with a wrong checksum');
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

/** Each entry pays for what is said of all: an archive that means well says a line. */
export function mergeGlobals(
  before: Readonly<Record<string, string>> | undefined,
  more: Readonly<Record<string, string>>,
): Record<string, string> {
  const globals = { ...before, ...more };
  const records = Object.entries(globals);
  const size = records.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (records.length > 32 || size > 4096) throw badTar('too many PAX records for all entries');
  return globals;
}

/** Adds what `data` says to the records: `LENGTH KEY=VALUE\n`, the length counting itself. */
export function parsePax(data: Buffer, records: Record<string, string>): Record<string, string> {
  for (let at = 0; at < data.length && data[at] !== 0;) {
    const gap = data.indexOf(space, at);
    const length = gap < 0 || gap - at > 9 ? NaN : Number(data.toString('latin1', at, gap));
    const end = at + length;
    if (!Number.isSafeInteger(length) || end > data.length || end <= gap + 2 || data[end - 1] !== 0x0a)
      throw badTar('a malformed PAX record');
    const equals = data.indexOf(0x3d, gap + 1);
    if (equals < 0 || equals >= end) throw badTar('a PAX record without "="');
    const key = data.toString('utf8', gap + 1, equals);
    if (key === '__proto__') throw badTar('a PAX record named "__proto__"');
    if (key.startsWith('GNU.sparse')) throw badTar('a GNU sparse file');
    records[key] = data.toString('utf8', equals + 1, end - 1);
    at = end;
  }
  return records;
}

export function completeHeader(raw: BlockFields, pax: Readonly<Record<string, string>>, long: LongNames): TarHeader {
  const name = pax['path'] ?? long.name ?? raw.name;
  const linkName = pax['linkpath'] ?? long.linkName ?? raw.linkName;
  if (name.length > maxName || linkName.length > maxName)
    throw badTar(`a name of more than ${String(maxName)} characters`);
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
  if (flag === 'S') throw badTar('a GNU sparse file');
  if (flag === '0' || flag === '7') return name.endsWith('/') ? 'folder' : 'file';
  return ({ '1': 'hardlink', '2': 'symlink', '5': 'folder' } as const)[flag] ?? 'other';
}

/** `seconds.fraction` to nanoseconds; the fraction may have any length and is not zero-padded by every writer. */
export function parsePaxTime(text: string): bigint {
  const match = /^(-?)(\d{1,15})(?:\.(\d{0,20}))?$/u.exec(text);
  if (!match) throw badTar(`the time "${text.slice(0, 40)}"`);
  const [, sign, seconds = '0', fraction = ''] = match;
  const value = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return sign === '-' ? -value : value;
}

function paxNumber(text: string, key: string): number {
  const value = /^\d{1,16}$/u.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw badTar(`the ${key} "${text.slice(0, 40)}"`);
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
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badTar('a number that is too large');
    return Number(value);
  }
  return readDigits(block, at, at + length);
}

/** Digits up to a zero, between spaces that some writers put around them. */
function readDigits(block: Buffer, from: number, to: number): number {
  let [at, end, value] = [from, from, 0];
  while (end < to && block[end] !== 0) end += 1;
  while (at < end && block[at] === space) at += 1;
  while (end > at && block[end - 1] === space) end -= 1;
  for (; at < end; at += 1) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) throw badTar('a header field that is no number');
    value = value * 8 + digit;
  }
  return value;
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

export function cutAtZero(text: string): string {
  const zero = text.indexOf('\0');
  return zero < 0 ? text : text.slice(0, zero);
}

const space = 0x20;
/** Windows takes 32767, Linux 4096. */
const maxName = 65_535;

export function badTar(what: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot read tar stream: ${what}`);
}
