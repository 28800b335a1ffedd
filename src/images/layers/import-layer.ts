import { chownSync, mkdirSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import { createTarParser, readUmask, type TarEvent, type TarHeader } from '../../platform/index.js';
import { type EntryName, parseEntryName } from './entry-name.js';
import { createFolderIndex, type IndexLimits, type LayerPlace } from './folder-index.js';
import { createFolderTimes } from './folder-times.js';
import { recordOf, refused } from './layer-pax.js';
import { createSidecar, type SidecarLimits, type SidecarRecord, type SidecarWriter } from './sidecar.js';
import {
  addFolder,
  addHardLink,
  addLink,
  addWhiteout,
  beginFile,
  type LayerDraft,
  makeFolder,
  openFile,
  type OpenFile,
  spell,
  type Target,
} from './write-entry.js';

export interface ImportOptions extends LayerPlace {
  /** An unpacked tar stream, untrusted. */
  readonly source: AsyncIterable<Uint8Array>;
  /** Who owns the files on the disk. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Whether a layer of a Microsoft base image is refused, by what is in it: their licence keeps them off this machine. */
  readonly refuseBase?: boolean;
  /** Bytes of files, streams and headers together; default 64 GiB. */
  readonly maxBytes?: number;
  /** Entries, and folders that are made for them; default 4 million. */
  readonly maxEntries?: number;
  readonly names?: IndexLimits;
  readonly metadata?: SidecarLimits;
}

export interface ImportedLayer {
  /** Bytes of files and streams. */
  readonly size: number;
  /** The layer changes the registry in a form that only Windows reads. */
  readonly hasHives: boolean;
}

/**
 * Unpacks a Windows layer into `root` and `meta`, which must be empty or absent. Bounded memory, and time that grows with the stream alone.
 * The caller throws both folders away after an error.
 *
 * @throws WindowboxError `invalid-argument` with the entry's name for anything that Windows would not hold or that reaches out of
 * the layer, `resource-exhausted` over a limit.
 */
export async function importLayer(options: ImportOptions): Promise<ImportedLayer> {
  const drive = join(options.root, 'drive_c');
  await mkdir(drive, { recursive: true, mode: 0o755 });
  await mkdir(join(options.meta, 'streams'), { recursive: true, mode: 0o700 });
  for (const path of [options.root, drive]) chownSync(path, options.owner.uid, options.owner.gid);
  const state: ImportState = {
    options,
    place: options,
    owner: options.owner,
    umask: readUmask(),
    index: createFolderIndex(options, options.names),
    sidecar: createSidecar(join(options.meta, 'sidecar.jsonl'), options.metadata),
    folderTimes: createFolderTimes(join(options.meta, 'folder-times')),
    count: (bytes) => {
      countBytes(state, bytes);
    },
    open: undefined,
    last: undefined,
    lastFolder: undefined,
    streamCount: 0,
    hasHives: false,
    entries: 0,
    bytes: 0,
    size: 0,
  };
  try {
    await importAll(state);
    flushRecord(state);
    await state.folderTimes.apply((entry) => state.index.path(entry));
  } finally {
    state.open?.close();
    state.sidecar.close();
  }
  return { size: state.size, hasHives: state.hasHives };
}

interface ImportState extends LayerDraft {
  readonly options: ImportOptions;
  readonly sidecar: SidecarWriter;
  /** What the bytes that come next belong to; undefined for an entry without content. */
  open: OpenFile | undefined;
  /** The entry before, which streams may still be added to. */
  last: SidecarRecord | undefined;
  /** Most entries are in the folder of the entry before: as the layer names it, and on the disk. */
  lastFolder: { readonly said: string; readonly folder: string } | undefined;
  streamCount: number;
  hasHives: boolean;
  entries: number;
  /** Of all that came, headers too. */
  bytes: number;
}

async function importAll(state: ImportState): Promise<void> {
  const parser = createTarParser();
  for await (const chunk of state.options.source)
    for (const event of parser.push(chunk)) {
      const pending = importEvent(state, event);
      // Most have nothing to wait for: a promise for each would cost as much as its file.
      if (pending) await pending;
    }
  parser.finish();
}

function importEvent(state: ImportState, event: TarEvent): Promise<void> | undefined {
  if (event.kind === 'entry') return importEntry(state, event.header);
  if (event.kind === 'bytes') state.open?.write(event.bytes);
  else {
    const { open } = state;
    state.open = undefined;
    open?.finish();
  }
  return undefined;
}

function importEntry(state: ImportState, header: TarHeader): Promise<void> | undefined {
  countBytes(state, sizeOf(header));
  if (header.type === 'other') throw refused(header, 'it is no file, folder or link');
  const name = parseEntryName(header.name);
  if (state.options.refuseBase === true && isOfBase(name))
    throw new WindowboxError(
      'unsupported',
      'Cannot unpack layer: it is one of a Microsoft base image, which Windowbox puts its own in place of',
    );
  if (name.stream !== undefined) return beginStream(state, header, { ...name, stream: name.stream });
  flushRecord(state);
  countEntry(state);
  const own = name.parts.at(-1);
  if (own === undefined) {
    if (header.type !== 'folder') throw refused(header, 'it is no folder');
    if (name.tree !== 'Files') mkdirSync(state.index.path(name.tree), { recursive: true });
    state.last = recordOf(header, name.tree);
    return undefined;
  }
  const folder = ensureFolder(state, name, header);
  const found = state.index.find(folder, own);
  const target: Target = { tree: name.tree, folder, name: found.name, entry: `${folder}/${found.name}` };
  if (name.deleted) return addWhiteout(state, target, { header, taken: found.own !== undefined });
  if (found.own !== undefined && !(found.own === 'folder' && header.type === 'folder'))
    throw refused(header, `the layer has "${target.entry}" already`);
  state.last = recordOf(header, target.entry);
  state.hasHives ||= name.tree === 'Hives' && header.type !== 'folder';
  if (header.type === 'hardlink') return addHardLink(state, target, header);
  if (header.type === 'folder') addFolder(state, target, { header, exists: found.own === 'folder' });
  else if (header.type === 'symlink') addLink(state, target, header);
  else state.open = beginFile(state, target, header);
  return undefined;
}

/** Of all that comes of an entry. */
function sizeOf({ size, pax }: TarHeader): number {
  let sum = size + 512;
  for (const key in pax) sum += pax[key]?.length ?? 0;
  return sum;
}

/** Only base layers carry a utility VM and whole registry hives. */
function isOfBase({ tree, parts }: EntryName): boolean {
  return tree === 'UtilityVM' || parts.join('/').toUpperCase() === 'WINDOWS/SYSTEM32/CONFIG/SOFTWARE';
}

/** Walks down to the folder that an entry is in, spelled as on the disk; makes what is missing. Links are never followed. */
function ensureFolder(state: ImportState, name: EntryName, header: TarHeader): string {
  const said = header.name.slice(0, header.name.lastIndexOf('/'));
  if (state.lastFolder?.said === said) return state.lastFolder.folder;
  let folder: string = name.tree;
  if (name.tree !== 'Files') mkdirSync(state.index.path(name.tree), { recursive: true });
  for (const part of name.parts.slice(0, -1)) {
    const found = state.index.find(folder, part);
    const entry = `${folder}/${found.name}`;
    if (found.own !== 'folder') {
      if (found.own !== undefined) throw refused(header, `"${entry}" is no folder`);
      countEntry(state);
      makeFolder(state, { tree: name.tree, folder, name: found.name, entry });
      state.sidecar.write({ path: entry, implied: true });
    }
    folder = entry;
  }
  state.lastFolder = { said, folder };
  return folder;
}

function beginStream(state: ImportState, header: TarHeader, name: EntryName & { readonly stream: string }): undefined {
  const owner = state.last;
  if (!owner || owner.path !== spell(state, name.tree, name.parts).entry || header.type !== 'file')
    throw refused(header, 'a stream must come right after its file');
  state.streamCount += 1;
  const file = String(state.streamCount);
  const handle = openSync(join(state.options.meta, 'streams', file), 'wx', 0o600);
  state.open = openFile(handle, () => {
    state.size += header.size;
    state.last = { ...owner, streams: [...(owner.streams ?? []), { name: name.stream, file, size: header.size }] };
  });
  return undefined;
}

function flushRecord(state: ImportState): void {
  if (state.last) state.sidecar.write(state.last);
  state.last = undefined;
}

function countBytes(state: ImportState, bytes: number): void {
  const { maxBytes = 64 * 2 ** 30 } = state.options;
  state.bytes += bytes;
  if (state.bytes > maxBytes)
    throw new WindowboxError('resource-exhausted', `Cannot unpack layer: more than ${String(maxBytes)} bytes`);
}

function countEntry(state: ImportState): void {
  const { maxEntries = 4_000_000 } = state.options;
  state.entries += 1;
  if (state.entries > maxEntries)
    throw new WindowboxError('resource-exhausted', `Cannot unpack layer: more than ${String(maxEntries)} entries`);
}
