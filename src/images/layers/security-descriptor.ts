/**
 * Security descriptors for files that have none of their own, because Wine does not keep any: the ones that Windows itself puts on a
 * fresh system drive. Self-relative form, [MS-DTYP] 2.4.6.
 *
 * Folders that every layer has to list again (`C:\Windows`, `C:\Program Files`) get Windows' own, so that a layer built here does
 * not open them up on a real Windows host.
 */
export function defaultDescriptor(parts: readonly string[], isFolder: boolean): string {
  const path = parts.join('/').toUpperCase();
  if (isFolder && protectedFolders.has(path)) return descriptors.system;
  if (isFolder && path === 'USERS') return descriptors.users;
  if (isFolder && path === '') return descriptors.drive;
  return isFolder ? descriptors.folder : descriptors.file;
}

interface Ace {
  readonly sid: Buffer;
  readonly mask: number;
  readonly flags: number;
}

function sid(authority: number, ...parts: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 + 4 * parts.length);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(parts.length, 1);
  bytes.writeUIntBE(authority, 2, 6);
  for (const [index, part] of parts.entries()) bytes.writeUInt32LE(part, 8 + 4 * index);
  return bytes;
}

function ace({ sid: who, mask, flags }: Ace): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(flags, 1);
  head.writeUInt16LE(8 + who.length, 2);
  head.writeUInt32LE(mask, 4);
  return Buffer.concat([head, who]);
}

function descriptor(options: { owner: Buffer; group: Buffer; control: number; aces: readonly Ace[] }): string {
  const aces = Buffer.concat(options.aces.map(ace));
  const acl = Buffer.alloc(8);
  acl.writeUInt8(2, 0);
  acl.writeUInt16LE(8 + aces.length, 2);
  acl.writeUInt16LE(options.aces.length, 4);
  const head = Buffer.alloc(20);
  head.writeUInt8(1, 0);
  head.writeUInt16LE(0x8004 | options.control, 2);
  head.writeUInt32LE(20, 4);
  head.writeUInt32LE(20 + options.owner.length, 8);
  head.writeUInt32LE(20 + options.owner.length + options.group.length, 16);
  return Buffer.concat([head, options.owner, options.group, acl, aces]).toString('base64');
}

const administrators = sid(5, 32, 544);
const users = sid(5, 32, 545);
const system = sid(5, 18);
const creatorOwner = sid(3, 0);
const everyone = sid(1, 0);
const trustedInstaller = sid(5, 80, 956008885, 3418522649, 1831038044, 1853292631, 2271478464);

const all = 0x1f01ff;
const modify = 0x1301bf;
const readAndRun = 0x1200a9;
const appendData = 0x4;
const writeData = 0x2;
const genericAll = 0x10000000;
const genericReadAndRun = 0xa0000000;
const toAll = 0x3;
const toFolders = 0x2;
const onlyBelow = 0x8;
const inherited = 0x10;
const autoInherited = 0x0400;
const isProtected = 0x1000;

const driveAces = (flags: number): Ace[] => [
  { sid: administrators, mask: all, flags: toAll | flags },
  { sid: system, mask: all, flags: toAll | flags },
  { sid: users, mask: readAndRun, flags: toAll | flags },
  { sid: users, mask: appendData, flags: toFolders | flags },
  { sid: users, mask: writeData, flags: toFolders | onlyBelow | flags },
  { sid: creatorOwner, mask: genericAll, flags: toAll | onlyBelow | flags },
];

const descriptors = {
  drive: descriptor({ owner: trustedInstaller, group: trustedInstaller, control: isProtected, aces: driveAces(0) }),
  folder: descriptor({ owner: administrators, group: system, control: autoInherited, aces: driveAces(inherited) }),
  file: descriptor({
    owner: administrators,
    group: system,
    control: autoInherited,
    aces: [
      { sid: administrators, mask: all, flags: inherited },
      { sid: system, mask: all, flags: inherited },
      { sid: users, mask: readAndRun, flags: inherited },
    ],
  }),
  users: descriptor({
    owner: system,
    group: system,
    control: isProtected | autoInherited,
    aces: [
      { sid: system, mask: all, flags: toAll },
      { sid: administrators, mask: all, flags: toAll },
      { sid: users, mask: readAndRun, flags: 0 },
      { sid: users, mask: genericReadAndRun, flags: toAll | onlyBelow },
      { sid: everyone, mask: readAndRun, flags: 0 },
      { sid: everyone, mask: genericReadAndRun, flags: toAll | onlyBelow },
    ],
  }),
  system: descriptor({
    owner: trustedInstaller,
    group: trustedInstaller,
    control: isProtected | autoInherited,
    aces: [
      { sid: creatorOwner, mask: genericAll, flags: toAll | onlyBelow },
      { sid: system, mask: genericAll, flags: toAll | onlyBelow },
      { sid: system, mask: modify, flags: 0 },
      { sid: administrators, mask: genericAll, flags: toAll | onlyBelow },
      { sid: administrators, mask: modify, flags: 0 },
      { sid: users, mask: genericReadAndRun, flags: toAll | onlyBelow },
      { sid: users, mask: readAndRun, flags: 0 },
      { sid: trustedInstaller, mask: genericAll, flags: toFolders | onlyBelow },
      { sid: trustedInstaller, mask: all, flags: 0 },
    ],
  }),
} as const;

const protectedFolders = new Set([
  'WINDOWS',
  'WINDOWS/SYSTEM32',
  'WINDOWS/SYSWOW64',
  'PROGRAM FILES',
  'PROGRAM FILES (X86)',
]);
