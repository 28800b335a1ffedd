import { chmodSync, linkSync, lchownSync, lstatSync, lutimesSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A second copy of a folder that shares its files by hard links. By our own calls: a program for it costs more than a small layer.
 */
export async function linkTree(from: string, to: string): Promise<void> {
  await linkFolder({ links: 0 }, from, to);
}

interface State {
  links: number;
}

async function linkFolder(state: State, from: string, to: string): Promise<void> {
  const { mode, uid, gid, atime, mtime } = lstatSync(from);
  mkdirSync(to);
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
