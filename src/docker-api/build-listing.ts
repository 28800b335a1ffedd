import { WindowboxError } from '../errors/index.js';

/**
 * A file, folder or link of a build's folder, as `POST /build/incremental` lists it before any content is sent: one JSON array a line, and an
 * empty line after the last. Paths are below the folder, with `/` between; times in seconds since 1970.
 */
export type ListedEntry =
  | {
      readonly type: 'file';
      readonly path: string;
      readonly modified: number;
      readonly size: number;
      readonly isReadOnly: boolean;
      /** Changes whenever the content does; empty for a file that is too young to tell. */
      readonly stamp: string;
    }
  | { readonly type: 'folder'; readonly path: string; readonly modified: number }
  | { readonly type: 'symlink'; readonly path: string; readonly modified: number; readonly linkName: string };

/** Of the answer of `/_ping`: this engine has `POST /build/incremental`. */
export const incrementalHeader = 'Windowbox-Incremental-Build';

/** Ends the list. */
export const listingEnd = '\n';

/** An entry's line. */
export function listingLine(entry: ListedEntry): string {
  const { path, modified } = entry;
  if (entry.type === 'folder') return `${JSON.stringify(['d', path, modified])}\n`;
  if (entry.type === 'symlink') return `${JSON.stringify(['l', path, modified, entry.linkName])}\n`;
  return `${JSON.stringify(['f', path, modified, entry.size, entry.isReadOnly ? 1 : 0, entry.stamp])}\n`;
}

/** @throws WindowboxError `invalid-argument` for a line of another shape. */
export function readListingLine(line: string): ListedEntry {
  const [kind, path, modified, first, isReadOnly, stamp] = arrayOf(line);
  if (typeof path === 'string' && Number.isSafeInteger(modified) && typeof modified === 'number') {
    if (kind === 'd') return { type: 'folder', path, modified };
    if (kind === 'l' && typeof first === 'string') return { type: 'symlink', path, modified, linkName: first };
    if (kind === 'f' && isSize(first) && typeof stamp === 'string' && stamp.length <= longestStamp)
      return { type: 'file', path, modified, size: first, isReadOnly: isReadOnly === 1, stamp };
  }
  throw unreadable(line);
}

function arrayOf(line: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(line);
    if (Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw unreadable(line);
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function unreadable(line: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot read the list of files: ${JSON.stringify(line.slice(0, 200))}`);
}

const longestStamp = 200;
