import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../../errors/index.js';
import type { TarHeader } from '../../platform/index.js';
import { type LayerTree, parseEntryName } from './entry-name.js';
import type { FolderIndex, LayerPlace, OwnKind } from './folder-index.js';
import type { FolderTimes } from './folder-times.js';
import { attributesOf, folderAttribute, pax, readOnlyAttribute, refused } from './layer-pax.js';
import { makeWhiteout } from './overlay-marks.js';
import { readReparseTarget, relativeLink } from './reparse-target.js';

/** A layer that is being unpacked, as far as writing one entry to the disk needs it. */
export interface LayerDraft {
  readonly place: LayerPlace;
  /** Who owns the files on the disk. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** What the process takes from the mode of a new file. */
  readonly umask: number;
  readonly index: FolderIndex;
  /** Folders get their times last: what is put into them changes these. */
  readonly folderTimes: FolderTimes;
  /** Bytes of files and streams. */
  size: number;
  /** @throws WindowboxError `resource-exhausted` when all that was written together is too much. */
  count(bytes: number): void;
}

/** Where an entry goes: its folder and its name as spelled on the disk. */
export interface Target {
  readonly tree: LayerTree;
  /** As an entry is named: `Files/dir`. */
  readonly folder: string;
  readonly name: string;
  /** `Files/dir/name`. */
  readonly entry: string;
}

/** Makes a folder and answers its path. */
export function makeFolder(draft: LayerDraft, target: Target): string {
  const path = draft.index.path(target.entry);
  mkdirSync(path, { recursive: target.tree !== 'Files', mode: 0o755 });
  chownSync(path, draft.owner.uid, draft.owner.gid);
  draft.index.add({ ...target, own: 'folder' });
  return path;
}

/** A folder that the layer lists; it may have been made for what is in it already. */
export function addFolder(
  draft: LayerDraft,
  target: Target,
  { header, exists }: { header: TarHeader; exists: boolean },
): void {
  if (!exists) makeFolder(draft, target);
  draft.folderTimes.add(target.entry, header.modified);
}

/** A file whose content is on its way. */
export interface OpenFile {
  write(chunk: Uint8Array): void;
  /** All came. */
  finish(): void;
  /** It is given up. */
  close(): void;
}

/** `onFinish` is the last that happens to a whole one. */
export function openFile(handle: number, onFinish: () => void): OpenFile {
  return {
    write: (chunk) => {
      for (let done = 0; done < chunk.length;) done += writeSync(handle, chunk, done);
    },
    finish: () => {
      try {
        onFinish();
      } finally {
        closeSync(handle);
      }
    },
    close: () => {
      closeSync(handle);
    },
  };
}

/** A plain file, which gets its content, then its owner and time. */
export function beginFile(draft: LayerDraft, target: Target, header: TarHeader): OpenFile {
  const { uid, gid } = draft.owner;
  // Wine shows a file without the owner's write permission as read-only.
  const mode = (attributesOf(header) ?? 0) & readOnlyAttribute ? 0o444 : 0o644;
  const handle = openSync(draft.index.path(target.entry), 'wx', mode);
  return openFile(handle, () => {
    fchownSync(handle, uid, gid);
    if (mode & draft.umask) fchmodSync(handle, mode);
    const seconds = Number(header.modified) / 1e9;
    futimesSync(handle, seconds, seconds);
    draft.size += header.size;
    draft.index.add({ ...target, own: 'file' });
  });
}

/** A reparse point: a Linux link where it leads to another place on C:, else an empty file or folder with its target kept beside. */
export function addLink(draft: LayerDraft, target: Target, header: TarHeader): void {
  const folder = target.folder.split('/').slice(1);
  const meaning = readReparseTarget(header.linkName, folder);
  if (meaning.kind === 'escapes')
    throw refused(header, `it links out of the layer, to ${JSON.stringify(header.linkName)}`);
  const path = draft.index.path(target.entry);
  const isFolder = ((attributesOf(header) ?? 0) & folderAttribute) !== 0 || header.pax[pax.mountPoint] !== undefined;
  if (meaning.kind === 'inside') {
    const parts = spell(draft, target.tree, meaning.parts).entry.split('/').slice(1);
    symlinkSync(relativeLink(folder, parts), path);
    lchownSync(path, draft.owner.uid, draft.owner.gid);
    draft.index.add({ ...target, own: 'link' });
    return;
  }
  if (isFolder) mkdirSync(path, { mode: 0o755 });
  else closeSync(openSync(path, 'wx', 0o644));
  chownSync(path, draft.owner.uid, draft.owner.gid);
  draft.index.add({ ...target, own: isFolder ? 'folder' : 'file' });
}

/** The target carries its root, and may lie in a layer below. */
export async function addHardLink(draft: LayerDraft, target: Target, header: TarHeader): Promise<void> {
  const to = parseEntryName(header.linkName);
  if (to.deleted || to.stream !== undefined || to.tree !== target.tree || to.parts.length === 0)
    throw refused(header, `it links to ${JSON.stringify(header.linkName)}`);
  const { entry } = spell(draft, to.tree, to.parts);
  const drives = to.tree === 'Files' ? draft.place.parents.map((parent) => join(parent, 'drive_c')) : [];
  const source = [draft.index.path(to.tree), ...drives]
    .map((top) => plainFileIn(top, entry.slice(to.tree.length)))
    .find((path) => path !== undefined);
  if (source === undefined)
    throw refused(header, `it links to ${JSON.stringify(header.linkName)}, which is no file here`);
  const path = draft.index.path(target.entry);
  try {
    linkSync(source, path);
  } catch (error) {
    if (!isErrno(error, 'EXDEV') && !isErrno(error, 'EMLINK')) throw error;
    await copyInstead(draft, source, path);
  }
  draft.index.add({ ...target, own: 'file' });
}

/** From another disk, or from a file that has as many names as the disk allows. */
async function copyInstead(draft: LayerDraft, source: string, path: string): Promise<void> {
  const { size } = lstatSync(source);
  draft.count(size);
  draft.size += size;
  await copyFile(source, path);
  chownSync(path, draft.owner.uid, draft.owner.gid);
  chmodSync(path, 0o644);
}

/** A deletion of what a layer below has. @throws WindowboxError `invalid-argument` where this layer has it itself. */
export async function addWhiteout(
  draft: LayerDraft,
  target: Target,
  { header, taken }: { header: TarHeader; taken: boolean },
): Promise<void> {
  if (taken || target.tree !== 'Files') throw refused(header, 'the layer has what it deletes');
  await makeWhiteout(draft.place.meta, draft.index.path(target.entry));
  draft.index.add({ ...target, own: 'whiteout' });
}

/** An entry's name as it is spelled on the disk, and what this layer has there. */
export function spell(
  draft: LayerDraft,
  tree: LayerTree,
  parts: readonly string[],
): { readonly entry: string; readonly own: OwnKind | undefined } {
  let entry: string = tree;
  let own: OwnKind | undefined;
  for (const part of parts) {
    const found = draft.index.find(entry, part);
    ({ own } = found);
    entry = `${entry}/${found.name}`;
  }
  return { entry, own };
}

/** No link on the way either: a base's own links may lead anywhere on the host. The kernel says where the file really is, in one look. */
function plainFileIn(top: string, rest: string): string | undefined {
  const path = top + rest;
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return readlinkSync(`/proc/self/fd/${String(file)}`) === realpathSync(top) + rest ? path : undefined;
  } finally {
    closeSync(file);
  }
}
