/** What a tree knows of a file, folder or link without reading it. */
export interface TreeEntry {
  readonly type: 'file' | 'folder' | 'symlink';
  /** Bytes of a file. */
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
  readonly isReadOnly: boolean;
  /** What a link says, as it was written; empty for others. */
  readonly linkName: string;
}

export interface TreeName {
  readonly name: string;
  readonly type: TreeEntry['type'];
}

/** What of a file is to be here: its digest alone, or all of it. */
export type Bringing = 'digest' | 'content';

/**
 * Files that COPY, ADD and mounts take from: the context, an archive, or the C: of an image. Places are names from the tree's root. Links are
 * things like others: they are never followed, and what is neither file, folder nor link is not there.
 */
export interface FileTree {
  find(place: readonly string[]): TreeEntry | undefined;
  /** What is in a folder, sorted. */
  list(place: readonly string[]): readonly TreeName[];
  /**
   * Brings what `digest` or `read` of these files will need, at once: a tree whose files are elsewhere would else ask for one after the other. Nothing
   * to do where all is here.
   */
  bring(places: readonly (readonly string[])[], what: Bringing): Promise<void>;
  read(place: readonly string[]): AsyncIterable<Uint8Array>;
  /** SHA-256 of a file's content. */
  digest(place: readonly string[]): Promise<Buffer>;
}

/** Names without case where Windows looks: what is there spelled exactly so comes first. */
export function spellingOf(
  tree: FileTree,
  {
    folder,
    name,
    ignoreCase,
  }: { readonly folder: readonly string[]; readonly name: string; readonly ignoreCase: boolean },
): string | undefined {
  if (tree.find([...folder, name])) return name;
  if (!ignoreCase) return undefined;
  const folded = name.toLowerCase();
  return tree.list(folder).find((one) => one.name.toLowerCase() === folded)?.name;
}
