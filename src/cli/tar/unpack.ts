import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, rm, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, WindowboxError } from '../../errors/index.js';
import { readTar, type TarEntry } from '../../platform/index.js';

export interface UnpackOptions {
  /** An existing folder. */
  readonly folder: string;
  /** The name of an entry below the folder; undefined: it is not wanted. */
  readonly rename: (name: string) => string | undefined;
}

/**
 * Unpacks a tar stream that a container made, which is hostile: no entry may lead out of the folder, and nothing is written
 * through a link. A file replaces a file; a folder joins a folder.
 *
 * @throws WindowboxError `invalid-argument` with the entry's name.
 */
export async function unpackTar(source: AsyncIterable<Uint8Array>, { folder, rename }: UnpackOptions): Promise<void> {
  for await (const entry of readTar(source)) {
    const name = rename(entry.header.name);
    if (name === undefined) continue;
    const parts = name.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..') || name.includes('\0')) throw refused(entry, 'its name leads out of the folder');
    if (parts.length > 0) await writeEntry(entry, folder, parts);
  }
}

async function writeEntry(entry: TarEntry, folder: string, parts: readonly string[]): Promise<void> {
  await makeParents(entry, folder, parts.slice(0, -1));
  const path = join(folder, ...parts);
  switch (entry.header.type) {
    case 'folder':
      await makeFolder(entry, path);
      await chmod(path, entry.header.mode & 0o777);
      return;
    case 'file':
      await writeFile(entry, path);
      return;
    case 'symlink':
      await rm(path, { force: true });
      await symlink(entry.header.linkName, path);
      return;
    case 'hardlink':
    case 'other':
      throw refused(entry, `entries of type ${entry.header.type} are not unpacked`);
  }
}

async function makeParents(entry: TarEntry, folder: string, parts: readonly string[]): Promise<void> {
  let path = folder;
  for (const part of parts) {
    path = join(path, part);
    await makeFolder(entry, path);
  }
}

/** Also finds the link that an earlier entry put where a folder should be. */
async function makeFolder(entry: TarEntry, path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
    if (!(await lstat(path)).isDirectory()) throw refused(entry, `"${path}" is not a folder`);
  }
}

async function writeFile(entry: TarEntry, path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there?.isDirectory() === true) throw refused(entry, `"${path}" is a folder`);
  if (there !== undefined) await rm(path);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(path, flags, entry.header.mode & 0o777);
  try {
    for await (const chunk of entry.body) await file.write(chunk);
  } finally {
    await file.close();
  }
  const seconds = Number(entry.header.modified / 1_000_000_000n);
  await utimes(path, seconds, seconds);
}

function refused(entry: TarEntry, reason: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot unpack "${entry.header.name}": ${reason}`);
}
