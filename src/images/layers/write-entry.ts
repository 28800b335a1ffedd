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
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../../errors/index.js';
import type { TarEntry, TarHeader } from '../../platform/index.js';
import { type LayerTree, parseEntryName } from './entry-name.js';
import type { FolderIndex, LayerPlace } from './folder-index.js';
import { attributesOf, folderAttribute, pax, readOnlyAttribute, refused } from './layer-pax.js';
import { whiteoutIn } from './overlay-marks.js';
import { readReparseTarget, relativeLink } from './reparse-target.js';

/** A layer that is being unpacked, as far as writing one entry to the disk needs it. */
export interface LayerDraft {
  readonly place: LayerPlace;
  /** Who owns the files on the disk. */
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly index: FolderIndex;
  /** Folders get their times last: what is put into them changes these. */
  readonly folders: { readonly path: string; readonly modified: bigint }[];
  /** Bytes of files and streams. */
  size: number;
}

/** Where an entry goes: its folder and its name as spelled on the disk. */
export interface Target {
  readonly tree: LayerTree;
  readonly folder: readonly string[];
  readonly name: string;
  readonly parts: readonly string[];
}

/** Makes a folder and answers its path. */
export function makeFolder(draft: LayerDraft, target: Target): string {
  const path = draft.index.path(target.tree, target.parts);
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
  const path = exists ? draft.index.path(target.tree, target.parts) : makeFolder(draft, target);
  draft.folders.push({ path, modified: header.modified });
}

/** A plain file with its content, owner, read-only mark and time. */
export async function addFile(draft: LayerDraft, target: Target, { header, body }: TarEntry): Promise<void> {
  const { uid, gid } = draft.owner;
  const file = openSync(draft.index.path(target.tree, target.parts), 'wx', 0o600);
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
  draft.size += header.size;
  draft.index.add({ ...target, own: 'file' });
}

/** A reparse point: a Linux link where it leads to another place on C:, else an empty file or folder with its target kept beside. */
export function addLink(draft: LayerDraft, target: Target, header: TarHeader): void {
  const meaning = readReparseTarget(header.linkName, target.folder);
  if (meaning.kind === 'escapes')
    throw refused(header, `it links out of the layer, to ${JSON.stringify(header.linkName)}`);
  const path = draft.index.path(target.tree, target.parts);
  const isFolder = ((attributesOf(header) ?? 0) & folderAttribute) !== 0 || header.pax[pax.mountPoint] !== undefined;
  if (meaning.kind === 'inside') {
    symlinkSync(relativeLink(target.folder, spellParts(draft, target.tree, meaning.parts)), path);
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
export function addHardLink(draft: LayerDraft, target: Target, header: TarHeader): void {
  const to = parseEntryName(header.linkName);
  if (to.deleted || to.stream !== undefined || to.tree !== target.tree || to.parts.length === 0)
    throw refused(header, `it links to ${JSON.stringify(header.linkName)}`);
  const parts = spellParts(draft, to.tree, to.parts);
  const path = draft.index.path(target.tree, target.parts);
  const drives = to.tree === 'Files' ? draft.place.parents.map((parent) => join(parent, 'drive_c')) : [];
  const source = [draft.index.path(to.tree, []), ...drives]
    .filter((top) => isPlainFile(top, parts))
    .map((top) => join(top, ...parts))[0];
  if (source === undefined)
    throw refused(header, `it links to ${JSON.stringify(header.linkName)}, which is no file here`);
  try {
    linkSync(source, path);
  } catch (error) {
    if (!isErrno(error, 'EXDEV') && !isErrno(error, 'EMLINK')) throw error;
    copyFileSync(source, path);
    chownSync(path, draft.owner.uid, draft.owner.gid);
    chmodSync(path, 0o644);
  }
  draft.index.add({ ...target, own: 'file' });
}

/** A deletion of what a layer below has. @throws WindowboxError `invalid-argument` where this layer has it itself. */
export async function addWhiteout(
  draft: LayerDraft,
  target: Target,
  { header, taken }: { header: TarHeader; taken: boolean },
): Promise<void> {
  if (taken || target.tree !== 'Files') throw refused(header, 'the layer has what it deletes');
  linkSync(await whiteoutIn(draft.place.meta), draft.index.path(target.tree, target.parts));
  draft.index.add({ ...target, own: 'whiteout' });
}

/** A path as it is spelled on the disk. */
export function spellParts(draft: LayerDraft, tree: LayerTree, parts: readonly string[]): string[] {
  const spelled: string[] = [];
  for (const part of parts) spelled.push(draft.index.find(tree, spelled, part).name);
  return spelled;
}

/** Writes the whole chunk. */
export function writeAll(file: number, chunk: Uint8Array): void {
  for (let done = 0; done < chunk.length;) done += writeSync(file, chunk, done);
}

/** No link on the way either: a base's own links may lead anywhere on the host. */
function isPlainFile(top: string, parts: readonly string[]): boolean {
  return parts.every((_, depth) => {
    const found = lstatSync(join(top, ...parts.slice(0, depth + 1)), { throwIfNoEntry: false });
    return depth === parts.length - 1 ? found?.isFile() === true : found?.isDirectory() === true;
  });
}
