import { chmodSync, closeSync, fchmodSync, futimesSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { FileTree, TreeEntry } from './file-tree.js';

export interface TreePart {
  readonly tree: FileTree;
  /** A file or a folder. */
  readonly place: readonly string[];
  /** Where it goes on this machine, under this name; its parent is there. */
  readonly path: string;
}

/** Writes a part of a tree. Links come last: nothing is written through one. */
export async function writeTree({ tree, place: top, path: topPath }: TreePart): Promise<void> {
  await tree.bring(filesBelow(tree, top), 'content');
  const links: [target: string, path: string][] = [];
  const write = async (place: readonly string[], path: string): Promise<void> => {
    const entry = tree.find(place);
    if (entry?.type === 'symlink') links.push([entry.linkName, path]);
    else if (entry?.type === 'file') await writeFile(path, entry, tree.read(place));
    else {
      mkdirSync(path);
      chmodSync(path, 0o755);
      for (const { name } of tree.list(place)) await write([...place, name], join(path, name));
    }
  };
  await write(top, topPath);
  for (const [target, path] of links) symlinkSync(target, path);
}

/** The files at a place and below it, none where nothing is. */
export function filesBelow(tree: FileTree, place: readonly string[]): (readonly string[])[] {
  const type = tree.find(place)?.type;
  if (type === 'file') return [place];
  if (type !== 'folder') return [];
  const files: (readonly string[])[] = [];
  const add = (folder: readonly string[]): void => {
    for (const { name, type: kind } of tree.list(folder)) {
      if (kind === 'folder') add([...folder, name]);
      else if (kind === 'file') files.push([...folder, name]);
    }
  };
  add(place);
  return files;
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
