import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, readlink } from 'node:fs/promises';
import { WindowboxError, isErrno } from '../../errors/index.js';
import { foldCase } from './windows-path.js';

/*
 * Finds files of a container, whose content is hostile and may change while we look. Each folder is opened by its handle and one
 * name, never by a path, and never through a link: /proc/self/fd/N/NAME with O_NOFOLLOW is openat(2). A folder that was swapped
 * for a link after we looked therefore fails to open, and a folder that was moved away is still the one that we opened. Links are read
 * and walked by us, from the container's own root, so that none leads out of it.
 */

/** Where a path ended: an open folder, and the name in it as it is really spelt, whether it exists or not. */
export interface Place {
  readonly folder: FileHandle;
  readonly name: string;
  readonly stat: Stats | undefined;
  /** The names from the root to here as they are really spelt, links resolved. */
  readonly path: readonly string[];
}

/** How the container sees the root that is walked: an absolute link below it can be followed. */
export interface WalkRoot {
  readonly path: string;
  readonly insidePath: string;
}

export interface WalkOptions {
  /** Follow a link in the last name too. */
  readonly followLast?: boolean;
  /** Make folders that are missing, the last included, for this user. */
  readonly makeFolders?: { readonly owner: number };
}

const linkLimit = 40;
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Walks `names` from `root`. The caller closes `folder`. With no names the place is `.` in the root itself.
 *
 * @throws WindowboxError `not-found` when a folder on the way is missing or none, `permission-denied` for a link that leads out.
 */
export async function walk(root: WalkRoot, names: readonly string[], options: WalkOptions = {}): Promise<Place> {
  const pending = [...names];
  const folders: OpenFolder[] = [
    { handle: await open(root.path, constants.O_RDONLY | constants.O_DIRECTORY), name: '' },
  ];
  try {
    for (let links = 0; ;) {
      const folder = folders.at(-1)?.handle;
      if (folder === undefined) throw leadsOut(names);
      const wanted = pending.shift();
      if (wanted === undefined) return take(folders, { name: '.', stat: await lstat(within(folder, '.')) });
      if (wanted === '..') {
        if (folders.length === 1) throw leadsOut(names);
        await folders.pop()?.handle.close();
        continue;
      }
      const found = await findName(folder, wanted);
      const last = pending.length === 0;
      if (found.stat?.isSymbolicLink() === true && (!last || options.followLast === true)) {
        if (++links > linkLimit) throw leadsOut(names);
        const target = relativeToRoot(root, await readlink(within(folder, found.name)), names);
        if (target.fromRoot) await closeAll(folders.splice(1));
        pending.unshift(...target.names);
        continue;
      }
      const make = found.stat === undefined ? options.makeFolders : undefined;
      if (make !== undefined) await makeFolder(folder, found.name, make.owner);
      else if (last) return take(folders, found);
      folders.push({ handle: await openFolder(folder, found.name, names), name: found.name });
    }
  } finally {
    await closeAll(folders);
  }
}

interface OpenFolder {
  readonly handle: FileHandle;
  readonly name: string;
}

/** Path of a name in an open folder: resolving it takes one step from the folder itself. */
export function within(folder: FileHandle, name: string): string {
  return `/proc/self/fd/${String(folder.fd)}/${name}`;
}

/** Opens a folder in a folder; never a link. */
export async function openFolder(
  folder: FileHandle,
  name: string,
  names: readonly string[] = [name],
): Promise<FileHandle> {
  try {
    return await open(within(folder, name), folderFlags);
  } catch (cause) {
    if (isErrno(cause, 'ENOENT') || isErrno(cause, 'ENOTDIR') || isErrno(cause, 'ELOOP')) throw notFound(names);
    throw cause;
  }
}

/** The entry that Windows would take for this name: the same spelling first, then any that differs in case only. */
export async function findName(
  folder: FileHandle,
  wanted: string,
): Promise<{ readonly name: string; readonly stat: Stats | undefined }> {
  const exact = await lstatIfThere(folder, wanted);
  if (exact !== undefined) return { name: wanted, stat: exact };
  const folded = foldCase(wanted);
  const other = (await readdir(within(folder, '.'))).find((name) => foldCase(name) === folded);
  if (other === undefined) return { name: wanted, stat: undefined };
  return { name: other, stat: await lstatIfThere(folder, other) };
}

export function notFound(names: readonly string[]): WindowboxError {
  return new WindowboxError(
    'not-found',
    `Cannot find "C:\\${names.join('\\')}": the system cannot find the path specified`,
  );
}

/** Changes the owner of what is open, not of what has its name now. */
export async function makeFolder(folder: FileHandle, name: string, owner: number): Promise<void> {
  await mkdir(within(folder, name), 0o755);
  const made = await openFolder(folder, name);
  try {
    await made.chown(owner, owner);
  } finally {
    await made.close();
  }
}

async function lstatIfThere(folder: FileHandle, name: string): Promise<Stats | undefined> {
  try {
    return await lstat(within(folder, name));
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENAMETOOLONG')) return undefined;
    throw error;
  }
}

function relativeToRoot(
  root: WalkRoot,
  target: string,
  names: readonly string[],
): { readonly fromRoot: boolean; readonly names: readonly string[] } {
  const split = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.');
  if (!target.startsWith('/')) return { fromRoot: false, names: split(target) };
  if (target !== root.insidePath && !target.startsWith(`${root.insidePath}/`)) throw leadsOut(names);
  return { fromRoot: true, names: split(target.slice(root.insidePath.length)) };
}

function leadsOut(names: readonly string[]): WindowboxError {
  return new WindowboxError(
    'permission-denied',
    `Cannot open "C:\\${names.join('\\')}": a link in it leads out of the container`,
  );
}

/** Takes the last folder out of the list that is closed at the end. */
function take(folders: OpenFolder[], found: { readonly name: string; readonly stat: Stats | undefined }): Place {
  const path = [...folders.slice(1).map(({ name }) => name), ...(found.name === '.' ? [] : [found.name])];
  const folder = folders.pop();
  if (folder === undefined) throw new WindowboxError('internal', 'Cannot keep a folder: none is open');
  return { folder: folder.handle, ...found, path };
}

async function closeAll(folders: readonly OpenFolder[]): Promise<void> {
  await Promise.all(folders.map(async ({ handle }) => handle.close()));
}
