/** What a tar header says; see {@link tarHeader}. */
export interface TarHeaderFields {
  /** With `/` as the separator. A folder gets its trailing slash here. */
  readonly name: string;
  readonly type: 'file' | 'folder' | 'symlink' | 'hardlink';
  readonly size?: number;
  readonly linkName?: string;
  /** Default 0644, 0755 for folders. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Nanoseconds since 1970; default 0. */
  readonly modified?: bigint;
  /** More PAX records. They are written sorted by key, so that equal headers are equal bytes. */
  readonly pax?: Readonly<Record<string, string>>;
}

/**
 * The bytes of an entry's header: ustar, preceded by PAX records where ustar cannot say it. The body follows, then
 * {@link tarPadding}; after the last entry {@link tarEnd}. Equal input, equal bytes.
 */
export function tarHeader(fields: TarHeaderFields): Buffer {
  const name = fields.type === 'folder' ? `${fields.name}/` : fields.name;
  const linkName = fields.linkName ?? '';
  const size = fields.size ?? 0;
  const modified = fields.modified ?? 0n;
  const seconds = modified / 1_000_000_000n;
  const pax: Record<string, string> = { ...fields.pax };
  if (!fitsText(name, 100)) pax['path'] = name;
  if (!fitsText(linkName, 100)) pax['linkpath'] = linkName;
  if (size > maxOctal) pax['size'] = String(size);
  if (modified % 1_000_000_000n !== 0n || modified < 0n || seconds > BigInt(maxOctal)) pax['mtime'] = paxTime(modified);
  const block = headerBlock({
    name: asciiOnly(name).slice(0, 100),
    linkName: asciiOnly(linkName).slice(0, 100),
    flag: flags[fields.type],
    size: size > maxOctal ? 0 : size,
    mode: fields.mode ?? (fields.type === 'folder' ? 0o755 : 0o644),
    uid: fields.uid ?? 0,
    gid: fields.gid ?? 0,
    seconds: modified < 0n || seconds > BigInt(maxOctal) ? 0 : Number(seconds),
  });
  const keys = Object.keys(pax).sort();
  if (keys.length === 0) return block;
  const records = Buffer.concat(keys.map((key) => paxRecord(key, pax[key] ?? '')));
  const paxBlock = headerBlock({
    name: `PaxHeaders.0/${asciiOnly(name).replace(/^.*\/(?=.)/u, '')}`.slice(0, 100),
    linkName: '',
    flag: 'x',
    size: records.length,
    mode: 0o644,
    uid: 0,
    gid: 0,
    seconds: 0,
  });
  return Buffer.concat([paxBlock, records, tarPadding(records.length), block]);
}

/** Zeros after a body of this size. */
export function tarPadding(size: number): Buffer {
  return zeros.subarray(0, (512 - (size % 512)) % 512);
}

/** Two empty blocks. */
export const tarEnd: Buffer = Buffer.alloc(1024);

/** PAX's form of a time: `seconds.nanoseconds`, nine digits, none when whole. */
export function paxTime(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const absolute = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const fraction = absolute % 1_000_000_000n;
  const seconds = String(absolute / 1_000_000_000n);
  return fraction === 0n ? sign + seconds : `${sign}${seconds}.${String(fraction).padStart(9, '0')}`;
}

function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return Buffer.from(`${String(length)} ${key}=${value}\n`);
}

interface BlockFields {
  readonly name: string;
  readonly linkName: string;
  readonly flag: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly seconds: number;
}

function headerBlock(fields: BlockFields): Buffer {
  const block = Buffer.alloc(512);
  block.write(fields.name, 0, 100, 'latin1');
  writeOctal(block, fields.mode, 100, 8);
  writeOctal(block, fields.uid, 108, 8);
  writeOctal(block, fields.gid, 116, 8);
  writeOctal(block, fields.size, 124, 12);
  writeOctal(block, fields.seconds, 136, 12);
  block.fill(0x20, 148, 156);
  block.write(fields.flag, 156, 'latin1');
  block.write(fields.linkName, 157, 100, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  let sum = 0;
  for (let at = 0; at < 512; at += 1) sum += block[at] ?? 0;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function writeOctal(block: Buffer, value: number, at: number, length: number): void {
  block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
}

function fitsText(text: string, length: number): boolean {
  return text.length <= length && asciiOnly(text) === text;
}

function asciiOnly(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, '?');
}

const flags = { file: '0', hardlink: '1', symlink: '2', folder: '5' } as const;
const maxOctal = 0o77777777777;
const zeros = Buffer.alloc(512);
