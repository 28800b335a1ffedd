import type { Dirent } from 'node:fs';
import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../errors/index.js';

/**
 * Takes away what a mount needed to be mounted on: the empty file or folders of its target (`C:\\dir`) below a layer's C:, as far as the
 * first `existing` parts, which the image has itself. What a program put beside it stays.
 */
export async function removeMountStub(driveC: string, target: string, existing: number): Promise<void> {
  const names = target
    .slice(2)
    .split('\\')
    .filter((name) => name !== '');
  const path: string[] = [];
  for (const name of names) {
    const found = (await entriesOf(join(driveC, ...path))).find((entry) => isSame(entry.name, name));
    if (found === undefined) break;
    path.push(found.name);
    if (!found.isDirectory()) break;
  }
  for (; path.length > existing; path.pop()) if (!(await removeEmpty(join(driveC, ...path)))) return;
}

async function removeEmpty(path: string): Promise<boolean> {
  const stats = await lstat(path);
  if (stats.isDirectory()) {
    if ((await entriesOf(path)).length > 0) return false;
    await rmdir(path);
    return true;
  }
  if (!stats.isFile() || stats.size > 0) return false;
  await rm(path);
  return true;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    // The step wrote nothing at all.
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  });
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
