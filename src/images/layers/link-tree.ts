import { chmodSync, linkSync, lchownSync, lstatSync, lutimesSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { syncFileSystem, syncFolder } from '../../platform/index.js';

/**
 * A second copy of a folder that shares its files by hard links, on the disk when it is done: the files are there already, so that only folders have
 * to get there. By our own calls: two programs, to copy and to sync, cost more than a small layer.
 */
export async function linkTree(from: string, to: string): Promise<void> {
  const state: State = { made: [], links: 0 };
  await linkFolder(state, from, to);
  if (state.made.length > fewFolders) return syncFileSystem(to);
  for (const folder of state.made) await syncFolder(folder);
}

interface State {
  readonly made: string[];
  links: number;
}

async function linkFolder(state: State, from: string, to: string): Promise<void> {
  const { mode, uid, gid, atime, mtime } = lstatSync(from);
  mkdirSync(to);
  state.made.push(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkFolder(state, source, target);
    else linkSync(source, target);
    state.links += 1;
    // Others have their turn too.
    if (state.links % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  lchownSync(to, uid, gid);
  chmodSync(to, mode & 0o7777);
  lutimesSync(to, atime, mtime);
}

const fewFolders = 16;
