import type { Stats } from 'node:fs';
import { readlink } from 'node:fs/promises';
import type { FileStat } from '../../runtime/index.js';
import type { Find } from './open-files.js';
import { notFound, within } from './walk.js';
import { parseWindowsPath } from './windows-path.js';

const goModeDirectory = 2 ** 31;
const goModeSymlink = 2 ** 27;

/** @throws WindowboxError `not-found`. */
export async function statFile(find: Find, path: string): Promise<FileStat> {
  const place = await find(path);
  try {
    if (place.stat === undefined) throw notFound(parseWindowsPath(path).names);
    const isLink = place.stat.isSymbolicLink();
    return {
      name: place.path.at(-1) ?? '\\',
      size: place.stat.size,
      mode: goMode(place.stat),
      modified: place.stat.mtime,
      linkTarget: isLink ? await readlink(within(place.folder, place.name)) : '',
    };
  } finally {
    await place.folder.close();
  }
}

function goMode(stat: Stats): number {
  const type = stat.isDirectory() ? goModeDirectory : stat.isSymbolicLink() ? goModeSymlink : 0;
  return type + (stat.mode & 0o777);
}
