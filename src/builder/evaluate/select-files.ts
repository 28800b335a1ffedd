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
}

/** All that a source of COPY stands for: one thing, or those that its wildcards match, sorted. A folder means what is in it. */
export function selectFiles(options: SelectOptions): Selection[] {
  const pattern = options.source
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  // `..` stops at the root, as in Docker.
  const parts = pattern.reduce<string[]>((kept, part) => (part === '..' ? kept.slice(0, -1) : [...kept, part]), []);
  return expandPattern(options, [], parts)
    .filter((path) => path.length === 0 || !options.excluded(path.join('/')) || hasKept(options, path))
    .map((path) => readSelection(options, path));
}

function expandPattern(options: SelectOptions, base: readonly string[], rest: readonly string[]): string[][] {
  const [part, ...others] = rest;
  if (part === undefined) return [[...base]];
  return readNames(join(options.root, ...base))
    .filter(({ name }) => matchesName(options, name, part))
    .filter((entry) => others.length === 0 || entry.isDirectory())
    .flatMap(({ name }) => expandPattern(options, [...base, name], others));
}

function matchesName({ ignoreCase }: SelectOptions, name: string, pattern: string): boolean {
  return ignoreCase ? matchesPath(name.toLowerCase(), pattern.toLowerCase()) : matchesPath(name, pattern);
}

function readSelection(options: SelectOptions, path: readonly string[]): Selection {
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
  for (const { kind, name, files } of selections) {
    hash.update(`${kind} ${kind === 'file' ? name : ''}\0`);
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
