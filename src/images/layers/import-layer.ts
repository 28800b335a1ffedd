import { chownSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import { readTar, type TarEntry, type TarHeader } from '../../platform/index.js';
import { type EntryName, parseEntryName } from './entry-name.js';
import { createFolderIndex, type IndexLimits, type LayerPlace } from './folder-index.js';
import { createFolderTimes } from './folder-times.js';
import { recordOf, refused } from './layer-pax.js';
import { createSidecar, type SidecarLimits, type SidecarRecord, type SidecarWriter } from './sidecar.js';
import {
  addFile,
  addFolder,
  addHardLink,
  addLink,
  addWhiteout,
  type LayerDraft,
  makeFolder,
  spell,
  type Target,
  writeAll,
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
    index: createFolderIndex(options, options.names),
    sidecar: createSidecar(join(options.meta, 'sidecar.jsonl'), options.metadata),
    folderTimes: createFolderTimes(join(options.meta, 'folder-times')),
    count: (bytes) => {
      countBytes(state, bytes);
    },
    last: undefined,
    lastFolder: undefined,
    streamCount: 0,
    hasHives: false,
    entries: 0,
    bytes: 0,
    size: 0,
  };
  try {
    for await (const entry of readTar(options.source)) await importEntry(state, entry);
    flushRecord(state);
    await state.folderTimes.apply((entry) => state.index.path(entry));
  } finally {
    state.sidecar.close();
  }
  return { size: state.size, hasHives: state.hasHives };
}

interface ImportState extends LayerDraft {
  readonly options: ImportOptions;
  readonly sidecar: SidecarWriter;
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
  flushRecord(state);
  countEntry(state);
  const own = name.parts.at(-1);
  if (own === undefined) {
    if (header.type !== 'folder') throw refused(header, 'it is no folder');
    if (name.tree !== 'Files') mkdirSync(state.index.path(name.tree), { recursive: true });
    state.last = recordOf(header, name.tree);
    return;
  }
  const folder = ensureFolder(state, name, header);
  const found = state.index.find(folder, own);
  const target: Target = { tree: name.tree, folder, name: found.name, entry: `${folder}/${found.name}` };
  if (name.deleted) return addWhiteout(state, target, { header, taken: found.own !== undefined });
  if (found.own !== undefined && !(found.own === 'folder' && header.type === 'folder'))
    throw refused(header, `the layer has "${target.entry}" already`);
  state.last = recordOf(header, target.entry);
  if (header.type === 'folder') return addFolder(state, target, { header, exists: found.own === 'folder' });
  if (header.type === 'symlink') addLink(state, target, header);
  else if (header.type === 'hardlink') await addHardLink(state, target, header);
  else await addFile(state, target, entry);
  state.hasHives ||= name.tree === 'Hives';
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

async function importStream(
  state: ImportState,
  { header, body }: TarEntry,
  name: EntryName & { readonly stream: string },
): Promise<void> {
  const owner = state.last;
  if (!owner || owner.path !== spell(state, name.tree, name.parts).entry || header.type !== 'file')
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
