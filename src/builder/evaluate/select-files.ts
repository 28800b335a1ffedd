import { createHash } from 'node:crypto';
import { createReadStream, type Dirent, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { matchesPath } from '../parse/match-patterns.js';

/** A file, folder or link that COPY takes, and where it goes below the destination. */
export interface SelectedFile {
  /** On this machine. */
  readonly path: string;
  /** Below the destination; empty for the destination itself. */
  readonly place: readonly string[];
  readonly type: 'file' | 'folder' | 'symlink';
  readonly stats: Stats;
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
  readonly root: string;
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
  return readNames(join(options.root, ...place))
    .filter(({ name }) => matchesName(options, name, part))
    .filter((entry) => isLast || entry.isDirectory())
    .map(({ name }) => [...place, name]);
}

/** A folder and all folders in it. */
function foldersFrom(options: SelectOptions, place: readonly string[]): (readonly string[])[] {
  const inner = readNames(join(options.root, ...place)).filter((entry) => entry.isDirectory());
  return [place, ...inner.flatMap(({ name }) => foldersFrom(options, [...place, name]))];
}

function matchesName({ ignoreCase }: SelectOptions, name: string, pattern: string): boolean {
  return ignoreCase ? matchesPath(name.toLowerCase(), pattern.toLowerCase()) : matchesPath(name, pattern);
}

function readSelection(options: SelectOptions, path: readonly string[]): Omit<Selection, 'under'> {
  const top = join(options.root, ...path);
  const stats = lstatSync(top);
  const name = path.at(-1) ?? '';
  if (!stats.isDirectory()) return { kind: 'file', name, files: [describe(top, [], stats)] };
  return { kind: 'folder', name, files: [...walk(options, path, [])] };
}

function* walk(options: SelectOptions, path: readonly string[], place: readonly string[]): Generator<SelectedFile> {
  for (const { name } of readNames(join(options.root, ...path))) {
    const inner = [...path, name];
    const excluded = options.excluded(inner.join('/'));
    const full = join(options.root, ...inner);
    const stats = lstatSync(full);
    if (!isKnown(stats)) continue;
    if (stats.isDirectory()) {
      const below = [...walk(options, inner, [...place, name])];
      if (!excluded || below.length > 0) yield describe(full, [...place, name], stats);
      yield* below;
    } else if (!excluded) yield describe(full, [...place, name], stats);
  }
}

function hasKept(options: SelectOptions, path: readonly string[]): boolean {
  return lstatSync(join(options.root, ...path)).isDirectory() && !walk(options, path, []).next().done;
}

function describe(path: string, place: readonly string[], stats: Stats): SelectedFile {
  return { path, place, stats, type: stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'symlink' : 'file' };
}

function isKnown(stats: Stats): boolean {
  return stats.isFile() || stats.isDirectory() || stats.isSymbolicLink();
}

function readNames(path: string): Dirent[] {
  return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the cache compares: names, kinds and content, not times. `known`: digests that need no reading, by path. */
export async function hashSelections(
  selections: readonly Selection[],
  known: ReadonlyMap<string, Buffer> = new Map(),
): Promise<string> {
  const hash = createHash('sha256');
  for (const { kind, name, files, under } of selections) {
    hash.update(`${kind} ${kind === 'file' ? name : ''}\0`);
    if (under.length > 0) hash.update(`under ${under.join('/')}\0`);
    for (const { path, place, type } of files) {
      hash.update(`${type} ${place.join('/')}\0`);
      if (type === 'symlink') hash.update(`${readlinkSync(path)}\0`);
      if (type === 'file') hash.update(known.get(path) ?? (await hashFile(path)));
    }
  }
  return hash.digest('hex');
}

async function hashFile(path: string): Promise<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }))
    if (chunk instanceof Uint8Array) hash.update(chunk);
  return hash.digest();
}
