import { constants } from 'node:fs';
import { type FileHandle, open, rm, symlink, lutimes, lchown } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { extract as makeExtract, type Headers } from 'tar-stream';
import { WindowboxError } from '../../errors/index.js';
import { containerOwner } from '../../platform/index.js';
import type { Find } from './open-files.js';
import { findName, makeFolder, notFound, openFolder, within, type Place } from './walk.js';
import { parseWindowsPath } from './windows-path.js';

export interface WriteInput {
  readonly tar: NodeJS.ReadableStream;
  /** Refuse to put a folder in a file's place, and a file in a folder's. */
  readonly noOverwriteDirNonDir: boolean;
}

/**
 * Unpacks a tar stream into an existing folder. Everything belongs to the container's user, whatever the stream says. An entry
 * lands on the spelling that is there already. Pipes and devices are refused.
 *
 * @throws WindowboxError `not-found` when the folder is missing, `invalid-argument` for a stream that is no tar or that reaches out
 * of the folder, `conflict` by `noOverwriteDirNonDir`.
 */
export async function writeTar(find: Find, path: string, input: WriteInput): Promise<void> {
  const place = await find(path, { followLast: true });
  try {
    if (place.stat?.isDirectory() !== true) throw notFound(parseWindowsPath(path).names);
    const folder = await openFolder(place.folder, place.name);
    try {
      await unpack(folder, input);
    } finally {
      await folder.close();
    }
  } finally {
    await place.folder.close();
  }
}

async function unpack(folder: FileHandle, input: WriteInput): Promise<void> {
  const extract = makeExtract();
  const source = pipeline(input.tar, extract);
  // The loop below ends with the same error; this keeps it from being reported as unhandled in the meantime.
  source.catch(() => undefined);
  try {
    for await (const entry of extract) {
      await writeEntry(folder, entry, input);
      entry.resume();
    }
    await source;
  } catch (cause) {
    extract.destroy();
    if (cause instanceof WindowboxError || !(cause instanceof Error) || 'code' in cause) throw cause;
    throw new WindowboxError('invalid-argument', `Cannot unpack: ${cause.message}`, { cause });
  }
}

type Content = AsyncIterable<Uint8Array> & { readonly header: Headers };

async function writeEntry(root: FileHandle, entry: Content, input: WriteInput): Promise<void> {
  const names = entryNames(entry.header.name);
  const last = names.pop();
  if (last === undefined) return;
  const folder = await openParents(root, names);
  try {
    const found = await makeRoom(folder, last, { header: entry.header, input });
    await writeByType(folder, found, { entry, root });
  } finally {
    await folder.close();
  }
}

async function writeByType(
  folder: FileHandle,
  found: Pick<Place, 'name' | 'stat'>,
  from: { readonly entry: Content; readonly root: FileHandle },
): Promise<void> {
  const { header } = from.entry;
  const type: string = header.type ?? 'file';
  switch (type) {
    case 'directory':
      if (found.stat === undefined) await makeFolder(folder, found.name, containerOwner.uid);
      await setTime(folder, found.name, header);
      return;
    case 'file':
    case 'contiguous-file':
      await writeContent(folder, found.name, from.entry);
      return;
    case 'symlink':
      await symlink(header.linkname ?? '', within(folder, found.name));
      await lchown(within(folder, found.name), containerOwner.uid, containerOwner.gid);
      return;
    case 'link':
      await copyLinked(folder, found.name, { header, root: from.root });
      return;
    default:
      throw new WindowboxError(
        'invalid-argument',
        `Cannot unpack "${header.name}": Windows has no ${String(header.type)}`,
      );
  }
}

/** Opens the folder that an entry goes into; missing ones are made. A link on the way is an error: an archive may have made it. */
async function openParents(root: FileHandle, names: readonly string[]): Promise<FileHandle> {
  let folder = await openFolder(root, '.');
  for (const wanted of names) {
    try {
      const { name, stat } = await findName(folder, wanted);
      if (stat === undefined) await makeFolder(folder, name, containerOwner.uid);
      const next = await openFolder(folder, name, names);
      await folder.close();
      folder = next;
    } catch (error) {
      await folder.close();
      throw error;
    }
  }
  return folder;
}

/** Looks at what has the name already, and removes it unless a folder meets a folder. */
async function makeRoom(
  folder: FileHandle,
  name: string,
  by: { readonly header: Headers; readonly input: WriteInput },
): Promise<Pick<Place, 'name' | 'stat'>> {
  const found = await findName(folder, name);
  if (found.stat === undefined) return found;
  const isFolder = found.stat.isDirectory();
  const wantsFolder = by.header.type === 'directory';
  if (isFolder && wantsFolder) return found;
  if (isFolder !== wantsFolder && by.input.noOverwriteDirNonDir)
    throw new WindowboxError(
      'conflict',
      isFolder
        ? `cannot overwrite directory "${found.name}" with non-directory "${by.header.name}"`
        : `cannot overwrite non-directory "${found.name}" with directory "${by.header.name}"`,
    );
  await rm(within(folder, found.name), { recursive: true, force: true });
  return { name: found.name, stat: undefined };
}

async function writeContent(folder: FileHandle, name: string, entry: Content): Promise<void> {
  const file = await create(folder, name, (entry.header.mode ?? 0o644) | 0o600);
  try {
    for await (const chunk of entry) await writeAll(file, chunk);
    await file.chown(containerOwner.uid, containerOwner.gid);
    const modified = entry.header.mtime ?? new Date();
    await file.utimes(modified, modified);
  } finally {
    await file.close();
  }
}

/** A hard link becomes a copy: its target is opened step by step inside the same folder, as everything is. */
async function copyLinked(
  folder: FileHandle,
  name: string,
  from: { readonly header: Headers; readonly root: FileHandle },
): Promise<void> {
  const names = entryNames(from.header.linkname ?? '');
  const last = names.pop() ?? '.';
  const parent = await openParents(from.root, names);
  try {
    const target = await findName(parent, last);
    const source = await open(
      within(parent, target.name),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    try {
      if (!(await source.stat()).isFile()) throw notFound([...names, last]);
      const content = source.createReadStream({ autoClose: false });
      await writeContent(folder, name, Object.assign(content, { header: from.header }));
    } finally {
      await source.close();
    }
  } finally {
    await parent.close();
  }
}

async function create(folder: FileHandle, name: string, mode: number): Promise<FileHandle> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  return open(within(folder, name), flags, mode & 0o777);
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) done += (await file.write(chunk, done)).bytesWritten;
}

async function setTime(folder: FileHandle, name: string, header: Headers): Promise<void> {
  const modified = header.mtime ?? new Date();
  await lutimes(within(folder, name), modified, modified);
}

/** @throws WindowboxError `invalid-argument` for a name with `..` in it, and for what Windows forbids in a name. */
function entryNames(name: string): string[] {
  if (name.split(/[/\\]/u).includes('..'))
    throw new WindowboxError('invalid-argument', `Cannot unpack "${name}": the name leads out of the folder`);
  return [...parseWindowsPath(name.replace(/^[/\\]+/u, '')).names];
}
