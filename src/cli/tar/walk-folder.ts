import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs';

export interface WalkOptions {
  /** The path inside of the archive at which the source stands; empty: the source's content is the archive's top. */
  readonly as: string;
  /** Which paths below the source, with `/` between, are left out; a folder that is left out is still looked into. */
  readonly leaveOut?: (path: string) => boolean;
  /** Follow a link at the source itself. */
  readonly followTop?: boolean;
}

/** A file, folder or link. */
export interface FolderEntry {
  /** On this machine. */
  readonly path: string;
  /** Inside of the archive. */
  readonly name: string;
  readonly info: Stats;
}

/** What is in a folder, sorted, or a lone file. Sockets, pipes and devices have no meaning in a container: left out, as Docker does with sockets. */
export function* walkFolder(source: string, options: WalkOptions): Generator<FolderEntry> {
  const info = options.followTop === true ? statSync(source) : lstatSync(source);
  if (options.as !== '' && isKnown(info)) yield { path: source, name: options.as, info };
  if (info.isDirectory()) yield* walkBelow({ path: source, below: '', name: options.as }, options.leaveOut);
}

/** A folder. */
interface Place {
  readonly path: string;
  /** Below the source. */
  readonly below: string;
  readonly name: string;
}

function* walkBelow({ path, below, name }: Place, leaveOut: WalkOptions['leaveOut']): Generator<FolderEntry> {
  for (const child of readdirSync(path).sort()) {
    const inner: Place = { path: `${path}/${child}`, below: under(below, child), name: under(name, child) };
    const info = lstatSync(inner.path);
    if (isKnown(info) && leaveOut?.(inner.below) !== true) yield { path: inner.path, name: inner.name, info };
    if (info.isDirectory()) yield* walkBelow(inner, leaveOut);
  }
}

function isKnown(info: Stats): boolean {
  return info.isFile() || info.isDirectory() || info.isSymbolicLink();
}

function under(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Whole seconds since 1970, so that a folder and its copy are equal. */
export function modifiedOf(info: Stats): number {
  return Math.floor(info.mtimeMs / 1000);
}
