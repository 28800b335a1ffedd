import { closeSync, fchmodSync, futimesSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { FileTree, TreeEntry } from './file-tree.js';

/** Writes a tree into a folder of this machine that is there. Links come last: nothing is written through one. */
export async function writeTree(tree: FileTree, folder: string): Promise<void> {
  const links: [target: string, path: string][] = [];
  const write = async (place: readonly string[]): Promise<void> => {
    for (const { name } of tree.list(place)) {
      const inner = [...place, name];
      const path = join(folder, ...inner);
      const entry = tree.find(inner);
      if (entry?.type === 'symlink') links.push([entry.linkName, path]);
      else if (entry?.type === 'file') await writeFile(path, entry, tree.read(inner));
      else {
        mkdirSync(path, { mode: 0o755 });
        await write(inner);
      }
    }
  };
  await write([]);
  for (const [target, path] of links) symlinkSync(target, path);
}

async function writeFile(path: string, entry: TreeEntry, content: AsyncIterable<Uint8Array>): Promise<void> {
  const file = openSync(path, 'wx', 0o644);
  try {
    for await (const chunk of content) for (let done = 0; done < chunk.length;) done += writeSync(file, chunk, done);
    const seconds = Number(entry.modified) / 1e9;
    futimesSync(file, seconds, seconds);
    fchmodSync(file, entry.isReadOnly ? 0o444 : 0o644);
  } finally {
    closeSync(file);
  }
}
