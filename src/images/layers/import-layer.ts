import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, WindowboxError } from '../../errors/index.js';
import { readTar, type TarEntry, type TarHeader } from '../../platform/index.js';
import { type EntryName, formatEntryName, type LayerTree, parseEntryName } from './entry-name.js';
import { createFolderIndex, type FolderIndex, type LayerPlace } from './folder-index.js';
import { whiteoutIn } from './overlay-marks.js';
import { readReparseTarget, relativeLink } from './reparse-target.js';
import { createSidecar, type SidecarRecord, type SidecarWriter } from './sidecar.js';

export interface ImportOptions extends LayerPlace {
  /** An unpacked tar stream, untrusted. */
  readonly source: AsyncIterable<Uint8Array>;
  /** Who owns the files on the disk. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Whether a layer of a Microsoft base image is refused, by what is in it: their licence keeps them off this machine. */
  readonly refuseBase?: boolean;
  /** Bytes of files, streams and headers together; default 64 GiB. */
  readonly maxBytes?: number;
}

export interface ImportedLayer {
  /** Bytes of files and streams. */
  readonly size: number;
  /** The layer changes the registry in a form that only Windows reads. */
  readonly hasHives: boolean;
}

/**
 * Unpacks a Windows layer into `root` and `meta`, which must be empty or absent. Constant memory but for one line a folder.
 * The caller throws both folders away after an error.
 *
 * @throws WindowboxError `invalid-argument` with the entry's name for anything that Windows would not hold or that reaches out of
 * the layer, `resource-exhausted` over `maxBytes`.
 */
export async function importLayer(options: ImportOptions): Promise<ImportedLayer> {
  const drive = join(options.root, 'drive_c');
  await mkdir(drive, { recursive: true, mode: 0o755 });
  await mkdir(join(options.meta, 'streams'), { recursive: true, mode: 0o700 });
  for (const path of [options.root, drive]) chownSync(path, options.owner.uid, options.owner.gid);
  const state: ImportState = {
    options,
    index: createFolderIndex(options),
    sidecar: createSidecar(join(options.meta, 'sidecar.jsonl')),
    folders: [],
    last: undefined,
    streamCount: 0,
    hasHives: false,
    bytes: 0,
    size: 0,
  };
  try {
    for await (const entry of readTar(options.source)) await importEntry(state, entry);
    await flushRecord(state);
    for (const { path, modified } of state.folders.toReversed()) setTimes(path, modified);
  } finally {
    await state.sidecar.close();
  }
  return { size: state.size, hasHives: state.hasHives };
}

interface ImportState {
  readonly options: ImportOptions;
  readonly index: FolderIndex;
  readonly sidecar: SidecarWriter;
  /** Folders get their times last: what is put into them changes these. */
  readonly folders: { readonly path: string; readonly modified: bigint }[];
  /** The entry before, which streams may still be added to. */
  last: SidecarRecord | undefined;
  streamCount: number;
  hasHives: boolean;
  bytes: number;
  size: number;
}

async function importEntry(state: ImportState, entry: TarEntry): Promise<void> {
  const { header } = entry;
  countBytes(state, header.size + Object.values(header.pax).reduce((sum, text) => sum + text.length, 512));
  if (header.type === 'other') throw refused(header, 'it is no file, folder or link');
  const name = parseEntryName(header.name);
  if (state.options.refuseBase === true && isOfBase(name))
    throw new WindowboxError(
      'unsupported',
      'Cannot unpack layer: it is one of a Microsoft base image, which Windowbox puts its own in place of',
    );
  if (name.stream !== undefined) return importStream(state, entry, { ...name, stream: name.stream });
  await flushRecord(state);
  const own = name.parts.at(-1);
  const folder = own === undefined ? [] : await ensureFolder(state, name, header);
  if (own === undefined) {
    if (header.type !== 'folder') throw refused(header, 'it is no folder');
    if (name.tree !== 'Files') mkdirSync(state.index.path(name.tree, []), { recursive: true });
    state.last = recordOf(header, name.tree, []);
    return;
  }
  const found = state.index.find(name.tree, folder, own);
  const target: Target = { tree: name.tree, folder, name: found.name, parts: [...folder, found.name] };
  if (name.deleted) return addWhiteout(state, target, { header, taken: found.own !== undefined });
  if (found.own !== undefined && !(found.own === 'folder' && header.type === 'folder'))
    throw refused(header, `the layer has "${formatEntryName(name.tree, target.parts)}" already`);
  state.last = recordOf(header, name.tree, target.parts);
  if (header.type === 'folder') return addFolder(state, target, { header, exists: found.own === 'folder' });
  if (header.type === 'symlink') addLink(state, target, header);
  else if (header.type === 'hardlink') addHardLink(state, target, header);
  else await addFile(state, target, entry);
  state.hasHives ||= name.tree === 'Hives';
}

interface Target {
  readonly tree: LayerTree;
  readonly folder: readonly string[];
  readonly name: string;
  readonly parts: readonly string[];
}

/** Only base layers carry a utility VM and whole registry hives. */
function isOfBase({ tree, parts }: EntryName): boolean {
  return tree === 'UtilityVM' || parts.join('/').toUpperCase() === 'WINDOWS/SYSTEM32/CONFIG/SOFTWARE';
}

/** Walks down to the folder that an entry is in, spelled as on the disk; makes what is missing. Links are never followed. */
async function ensureFolder(state: ImportState, name: EntryName, header: TarHeader): Promise<string[]> {
  const spelled: string[] = [];
  if (name.tree !== 'Files') mkdirSync(state.index.path(name.tree, []), { recursive: true });
  for (const part of name.parts.slice(0, -1)) {
    const found = state.index.find(name.tree, spelled, part);
    const folder = [...spelled];
    spelled.push(found.name);
    if (found.own === 'folder') continue;
    if (found.own !== undefined) throw refused(header, `"${formatEntryName(name.tree, spelled)}" is no folder`);
    makeFolder(state, { tree: name.tree, folder, name: found.name, parts: spelled });
    await state.sidecar.write({ path: formatEntryName(name.tree, spelled), implied: true });
  }
  return spelled;
}

function makeFolder(state: ImportState, target: Target): string {
  const path = state.index.path(target.tree, target.parts);
  mkdirSync(path, { recursive: target.tree !== 'Files', mode: 0o755 });
  chownSync(path, state.options.owner.uid, state.options.owner.gid);
  state.index.add({ ...target, own: 'folder' });
  return path;
}

function addFolder(
  state: ImportState,
  target: Target,
  { header, exists }: { header: TarHeader; exists: boolean },
): void {
  const path = exists ? state.index.path(target.tree, target.parts) : makeFolder(state, target);
  state.folders.push({ path, modified: header.modified });
}

async function addFile(state: ImportState, target: Target, { header, body }: TarEntry): Promise<void> {
  const { uid, gid } = state.options.owner;
  const file = openSync(state.index.path(target.tree, target.parts), 'wx', 0o600);
  try {
    for await (const chunk of body) writeAll(file, chunk);
    fchownSync(file, uid, gid);
    // Wine shows a file without the owner's write permission as read-only.
    fchmodSync(file, (attributesOf(header) ?? 0) & readOnlyAttribute ? 0o444 : 0o644);
    const seconds = Number(header.modified) / 1e9;
    futimesSync(file, seconds, seconds);
  } finally {
    closeSync(file);
  }
  state.size += header.size;
  state.index.add({ ...target, own: 'file' });
}

/** A reparse point: a Linux link where it leads to another place on C:, else an empty file or folder with its target kept beside. */
function addLink(state: ImportState, target: Target, header: TarHeader): void {
  const meaning = readReparseTarget(header.linkName, target.folder);
  if (meaning.kind === 'escapes')
    throw refused(header, `it links out of the layer, to ${JSON.stringify(header.linkName)}`);
  const path = state.index.path(target.tree, target.parts);
  const isFolder = ((attributesOf(header) ?? 0) & folderAttribute) !== 0 || header.pax[pax.mountPoint] !== undefined;
  if (meaning.kind === 'inside') {
    symlinkSync(relativeLink(target.folder, spellParts(state, target.tree, meaning.parts)), path);
    lchownSync(path, state.options.owner.uid, state.options.owner.gid);
    state.index.add({ ...target, own: 'link' });
    return;
  }
  if (isFolder) mkdirSync(path, { mode: 0o755 });
  else closeSync(openSync(path, 'wx', 0o644));
  chownSync(path, state.options.owner.uid, state.options.owner.gid);
  state.index.add({ ...target, own: isFolder ? 'folder' : 'file' });
}

/** The target carries its root, and may lie in a layer below. */
function addHardLink(state: ImportState, target: Target, header: TarHeader): void {
  const to = parseEntryName(header.linkName);
  if (to.deleted || to.stream !== undefined || to.tree !== target.tree || to.parts.length === 0)
    throw refused(header, `it links to ${JSON.stringify(header.linkName)}`);
  const parts = spellParts(state, to.tree, to.parts);
  const path = state.index.path(target.tree, target.parts);
  const drives = to.tree === 'Files' ? state.options.parents.map((parent) => join(parent, 'drive_c')) : [];
  const source = [state.index.path(to.tree, []), ...drives]
    .filter((top) => isPlainFile(top, parts))
    .map((top) => join(top, ...parts))[0];
  if (source === undefined)
    throw refused(header, `it links to ${JSON.stringify(header.linkName)}, which is no file here`);
  try {
    linkSync(source, path);
  } catch (error) {
    if (!isErrno(error, 'EXDEV') && !isErrno(error, 'EMLINK')) throw error;
    copyFileSync(source, path);
    chownSync(path, state.options.owner.uid, state.options.owner.gid);
    chmodSync(path, 0o644);
  }
  state.index.add({ ...target, own: 'file' });
}

async function addWhiteout(
  state: ImportState,
  target: Target,
  { header, taken }: { header: TarHeader; taken: boolean },
): Promise<void> {
  if (taken || target.tree !== 'Files') throw refused(header, 'the layer has what it deletes');
  linkSync(await whiteoutIn(state.options.meta), state.index.path(target.tree, target.parts));
  state.index.add({ ...target, own: 'whiteout' });
}

async function importStream(
  state: ImportState,
  { header, body }: TarEntry,
  name: EntryName & { readonly stream: string },
): Promise<void> {
  const owner = state.last;
  const parts = spellParts(state, name.tree, name.parts);
  if (!owner || owner.path !== formatEntryName(name.tree, parts) || header.type !== 'file')
    throw refused(header, 'a stream must come right after its file');
  state.streamCount += 1;
  const file = String(state.streamCount);
  const handle = openSync(join(state.options.meta, 'streams', file), 'wx', 0o600);
  try {
    for await (const chunk of body) writeAll(handle, chunk);
  } finally {
    closeSync(handle);
  }
  state.size += header.size;
  state.last = { ...owner, streams: [...(owner.streams ?? []), { name: name.stream, file, size: header.size }] };
}

function spellParts(state: ImportState, tree: LayerTree, parts: readonly string[]): string[] {
  const spelled: string[] = [];
  for (const part of parts) spelled.push(state.index.find(tree, spelled, part).name);
  return spelled;
}

async function flushRecord(state: ImportState): Promise<void> {
  if (state.last) await state.sidecar.write(state.last);
  state.last = undefined;
}

function recordOf(header: TarHeader, tree: LayerTree, parts: readonly string[]): SidecarRecord {
  const rest = Object.entries(header.pax).filter(([key]) => !readElsewhere.has(key));
  const attributes = attributesOf(header);
  const { [pax.descriptor]: descriptor, [pax.sddl]: sddl, [pax.created]: created } = header.pax;
  return {
    path: formatEntryName(tree, parts),
    modified: String(header.modified),
    ...(attributes === undefined ? {} : { attributes }),
    ...(descriptor === undefined ? {} : { descriptor }),
    ...(sddl === undefined ? {} : { sddl }),
    ...(created === undefined ? {} : { created }),
    ...(header.type === 'symlink' ? { target: header.linkName } : {}),
    ...(header.pax[pax.mountPoint] === undefined ? {} : { junction: header.pax[pax.mountPoint] === '1' }),
    ...(rest.length === 0 ? {} : { pax: Object.fromEntries(rest) }),
  };
}

function attributesOf(header: TarHeader): number | undefined {
  const text = header.pax[pax.attributes];
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/u.test(text)) throw refused(header, `its attributes are ${JSON.stringify(text.slice(0, 40))}`);
  return Number(text);
}

function countBytes(state: ImportState, bytes: number): void {
  const { maxBytes = 64 * 2 ** 30 } = state.options;
  state.bytes += bytes;
  if (state.bytes > maxBytes)
    throw new WindowboxError('resource-exhausted', `Cannot unpack layer: more than ${String(maxBytes)} bytes`);
}

function writeAll(file: number, chunk: Uint8Array): void {
  for (let done = 0; done < chunk.length;) done += writeSync(file, chunk, done);
}

/** No link on the way either: a base's own links may lead anywhere on the host. */
function isPlainFile(top: string, parts: readonly string[]): boolean {
  return parts.every((_, depth) => {
    const found = lstatSync(join(top, ...parts.slice(0, depth + 1)), { throwIfNoEntry: false });
    return depth === parts.length - 1 ? found?.isFile() === true : found?.isDirectory() === true;
  });
}

function setTimes(path: string, modified: bigint): void {
  const seconds = Number(modified) / 1e9;
  utimesSync(path, seconds, seconds);
}

function refused(header: TarHeader, reason: string): WindowboxError {
  return new WindowboxError(
    'invalid-argument',
    `Cannot unpack layer entry ${JSON.stringify(header.name.slice(0, 200))}: ${reason}`,
  );
}

/** The PAX keys of the format; see go-winio's backuptar. */
export const pax = {
  attributes: 'MSWINDOWS.fileattr',
  descriptor: 'MSWINDOWS.rawsd',
  sddl: 'MSWINDOWS.sd',
  mountPoint: 'MSWINDOWS.mountpoint',
  created: 'LIBARCHIVE.creationtime',
} as const;

const readElsewhere = new Set<string>([...Object.values(pax), 'path', 'linkpath', 'size', 'mtime', 'uid', 'gid']);
export const readOnlyAttribute = 0x1;
export const folderAttribute = 0x10;
