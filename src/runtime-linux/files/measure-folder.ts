import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { isErrno } from '../../errors/index.js';
import { openFolder, within } from './walk.js';

/** Bytes of the files below a folder; a file with several names counts once. What vanishes meanwhile counts nothing. */
export async function measureFolder(path: string): Promise<number> {
  const folder = await open(path, 'r').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  try {
    return folder === undefined ? 0 : await measure(folder, new Set());
  } finally {
    await folder?.close();
  }
}

async function measure(folder: FileHandle, seen: Set<number>): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(within(folder, '.')).catch(() => [])) {
    const stat = await lstat(within(folder, name)).catch(() => undefined);
    if (stat?.isDirectory() === true) bytes += await measureInside(folder, name, seen);
    else if (stat?.isFile() === true && !seen.has(stat.ino)) {
      seen.add(stat.ino);
      bytes += stat.size;
    }
  }
  return bytes;
}

async function measureInside(folder: FileHandle, name: string, seen: Set<number>): Promise<number> {
  const inner = await openFolder(folder, name).catch(() => undefined);
  try {
    return inner === undefined ? 0 : await measure(inner, seen);
  } finally {
    await inner?.close();
  }
}
