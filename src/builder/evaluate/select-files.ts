import { createHash } from 'node:crypto';
import type { Bringing, FileTree, TreeEntry } from '../files/file-tree.js';
import { matchesPath } from '../parse/match-patterns.js';

/** A file, folder or link that COPY takes, and where it goes below the destination. */
export interface SelectedFile {
  readonly tree: FileTree;
  /** In its tree. */
  readonly path: readonly string[];
  /** Below the destination; empty for the destination itself. */
  readonly place: readonly string[];
  readonly entry: TreeEntry;
}

/** What one source of a COPY means. */
export interface Selection {
  readonly kind: 'file' | 'folder';
  /** Last part of its name, for a destination that is a folder. */
  readonly name: string;
  /** Folders below the destination that it goes into; for a folder these end with itself. Empty but for `COPY --parents`. */
  readonly under: readonly string[];
  /** Parents before children, sorted. */
  readonly files: readonly SelectedFile[];
}

export interface SelectOptions {
  readonly tree: FileTree;
  readonly source: string;
  /** Windows' way to compare names, in an image; a context's names are as they are. */
  readonly ignoreCase: boolean;
  /** By path below the root. */
  readonly excluded: (path: string) => boolean;
  /** Folders on the way are kept, all or those after a `/./`, and `**` stands for any number of them. */
  readonly parents?: boolean;
}

/** All that a source of COPY stands for: one thing, or those that its wildcards match, sorted. A folder means what is in it. */
export function selectFiles(options: SelectOptions): Selection[] {
  const source = options.source.replaceAll('\\', '/');
  const kept = partsOf(source.slice(0, Math.max(0, source.indexOf('/./')))).length;
  return expandPattern(options, partsOf(source))
    .filter((path) => path.length === 0 || !options.excluded(path.join('/')) || hasKept(options, path))
    .map((path) => ({ path, ...readSelection(options, path) }))
    .map(({ path, ...selection }) => ({ ...selection, under: underOf(options, selection, path.slice(kept)) }));
}

/** `..` stops at the root, as in Docker. */
function partsOf(source: string): string[] {
  return source
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .reduce<string[]>((kept, part) => (part === '..' ? kept.slice(0, -1) : [...kept, part]), []);
}

function underOf(
  { parents }: SelectOptions,
  { kind }: Pick<Selection, 'kind'>,
  path: readonly string[],
): readonly string[] {
  if (parents !== true) return [];
  return kind === 'folder' ? path : path.slice(0, -1);
}

/** Part by part, each place once: what a pattern costs grows with its parts and the folders, and not with their combinations. */
function expandPattern(options: SelectOptions, parts: readonly string[]): readonly (readonly string[])[] {
  let places: readonly (readonly string[])[] = [[]];
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const next = places.flatMap((place) =>
      part === '**' && options.parents === true && !isLast
        ? foldersFrom(options, place)
        : namesIn(options, place, { part, isLast }),
    );
    places = [...new Map(next.map((place) => [place.join('/'), place])).values()];
  }
  return places;
}

function namesIn(
  options: SelectOptions,
  place: readonly string[],
  { part, isLast }: { part: string; isLast: boolean },
): string[][] {
  return options.tree
    .list(place)
    .filter(({ name }) => matchesName(options, name, part))
    .filter(({ type }) => isLast || type === 'folder')
    .map(({ name }) => [...place, name]);
}

/** A folder and all folders in it. */
function foldersFrom(options: SelectOptions, place: readonly string[]): (readonly string[])[] {
  const inner = options.tree.list(place).filter(({ type }) => type === 'folder');
  return [place, ...inner.flatMap(({ name }) => foldersFrom(options, [...place, name]))];
}

function matchesName({ ignoreCase }: SelectOptions, name: string, pattern: string): boolean {
  return ignoreCase ? matchesPath(name.toLowerCase(), pattern.toLowerCase()) : matchesPath(name, pattern);
}

function readSelection(options: SelectOptions, path: readonly string[]): Omit<Selection, 'under'> {
  const top = describe(options, path, []);
  const name = path.at(-1) ?? '';
  if (top.entry.type !== 'folder') return { kind: 'file', name, files: [top] };
  return { kind: 'folder', name, files: [...walk(options, path, [])] };
}

function* walk(options: SelectOptions, path: readonly string[], place: readonly string[]): Generator<SelectedFile> {
  for (const { name, type } of options.tree.list(path)) {
    const inner = [...path, name];
    const excluded = options.excluded(inner.join('/'));
    if (type === 'folder') {
      const below = [...walk(options, inner, [...place, name])];
      if (!excluded || below.length > 0) yield describe(options, inner, [...place, name]);
      yield* below;
    } else if (!excluded) yield describe(options, inner, [...place, name]);
  }
}

function hasKept(options: SelectOptions, path: readonly string[]): boolean {
  return options.tree.find(path)?.type === 'folder' && !walk(options, path, []).next().done;
}

function describe({ tree }: SelectOptions, path: readonly string[], place: readonly string[]): SelectedFile {
  return { tree, path, place, entry: tree.find(path) ?? gone };
}

/** What was listed a moment ago, in an image that changed under us. */
const gone: TreeEntry = { type: 'folder', size: 0, modified: 0n, isReadOnly: false, linkName: '' };

/** Brings what will be read of these files, from each of their trees at once. */
export async function bringFiles(files: readonly SelectedFile[], what: Bringing): Promise<void> {
  const places = new Map<FileTree, (readonly string[])[]>();
  for (const { tree, path, entry } of files) {
    if (entry.type !== 'file') continue;
    const known = places.get(tree);
    if (known) known.push(path);
    else places.set(tree, [path]);
  }
  for (const [tree, paths] of places) await tree.bring(paths, what);
}

/** What the cache compares: names, kinds, content and what Windows sees of a mode, not times. */
export async function hashSelections(selections: readonly Selection[]): Promise<string> {
  await bringFiles(
    selections.flatMap(({ files }) => files),
    'digest',
  );
  const hash = createHash('sha256');
  for (const { kind, name, files, under } of selections) {
    hash.update(`${kind} ${kind === 'file' ? name : ''}\0`);
    if (under.length > 0) hash.update(`under ${under.join('/')}\0`);
    for (const { tree, path, place, entry } of files) {
      hash.update(`${entry.type} ${place.join('/')}\0`);
      if (entry.isReadOnly) hash.update('read-only\0');
      if (entry.type === 'symlink') hash.update(`${entry.linkName}\0`);
      if (entry.type === 'file') hash.update(await tree.digest(path));
    }
  }
  return hash.digest('hex');
}
