import { lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

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
export function* walkFolder(source: string, options: WalkOptions, below = ''): Generator<FolderEntry> {
  const path = below === '' ? source : join(source, below);
  const info = below === '' && options.followTop === true ? statSync(path) : lstatSync(path);
  const name = [options.as, below].filter((part) => part !== '').join('/');
  const leftOut = below !== '' && options.leaveOut?.(below) === true;
  const isKnown = info.isFile() || info.isDirectory() || info.isSymbolicLink();
  if (name !== '' && !leftOut && isKnown) yield { path, name, info };
  if (!info.isDirectory()) return;
  for (const child of readdirSync(path).sort())
    yield* walkFolder(source, options, below === '' ? child : `${below}/${child}`);
}

/** Whole seconds since 1970, so that a folder and its copy are equal. */
export function modifiedOf(info: Stats): number {
  return Math.floor(info.mtimeMs / 1000);
}
