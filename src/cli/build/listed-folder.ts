import { accessSync, constants, lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type ListedEntry, listingEnd, listingLine } from '../../docker-api/index.js';
import { describeError, isErrno, WindowboxError } from '../../errors/index.js';
import { tarEnd, tarHeader, tarPadding } from '../../platform/index.js';
import { packEntries, pieceSize } from '../tar/pack.js';
import { type FolderEntry, modifiedOf, walkFolder } from '../tar/walk-folder.js';
import { isSettled, stampOf } from './stamp-file.js';

export interface ContextFolder {
  readonly path: string;
  /** Which paths below it, with `/` between, stay out of the context. */
  readonly leaveOut: (path: string) => boolean;
  /** A Dockerfile that does not lie in it. */
  readonly more?: { readonly name: string; readonly content: Buffer };
}

/** A folder whose files are sent when the daemon asks for them. */
export interface ListedFolder {
  /** The body of `POST /build/incremental`: the list, then a tar stream of what was asked for. */
  readonly upload: Readable;
  /** Sends these files too, by their numbers in the list; none: the body ends. */
  readonly want: (numbers: readonly number[]) => void;
}

/**
 * Lists a folder. The upload fails (`permission-denied`, `conflict`) for a file that this user may not read, and for one that is no more what the
 * list said when its turn comes.
 */
export function listFolder(folder: ContextFolder): ListedFolder {
  const asked: Asked = { batches: [], isOver: false, wake: () => {} };
  return {
    upload: Readable.from(explained(bodyOf(folder, asked)), { objectMode: false, highWaterMark: pieceSize }),
    want: (numbers) => {
      if (numbers.length === 0) asked.isOver = true;
      else asked.batches.push(numbers);
      asked.wake();
    },
  };
}

interface Asked {
  readonly batches: (readonly number[])[];
  isOver: boolean;
  wake: () => void;
}

async function* bodyOf(folder: ContextFolder, asked: Asked): AsyncGenerator<string | Uint8Array> {
  const files: ListedFile[] = [];
  yield* listPieces(folder, files);
  while (!asked.isOver) {
    const batch = asked.batches.shift();
    if (batch === undefined)
      await new Promise<void>((resolve) => {
        asked.wake = resolve;
      });
    else
      for await (const piece of contentsOf(folder, files, batch)) {
        // Nobody reads the rest of it.
        if (asked.isOver) return;
        yield piece;
      }
  }
  yield tarEnd;
}

/** What is kept of an entry: as little as possible, since a folder may have very many. */
interface ListedFile {
  readonly name: string;
  readonly stamp: string;
}

/** Fills `files` with what it lists. The daemon reads the list while the folder is walked. */
function* listPieces({ path, leaveOut, more }: ContextFolder, files: ListedFile[]): Generator<string> {
  const now = Date.now();
  let piece = more === undefined ? '' : listingLine(moreEntry(more));
  for (const entry of walkFolder(path, { as: '', leaveOut })) {
    const stamp = stampOf(entry.info);
    piece += listingLine(listedEntry(entry, isSettled(entry.info, now) ? stamp : ''));
    files.push({ name: entry.name, stamp });
    if (piece.length < listPieceSize) continue;
    yield piece;
    piece = '';
  }
  yield piece + listingEnd;
}

function moreEntry({ name, content }: NonNullable<ContextFolder['more']>): ListedEntry {
  return { type: 'file', path: name, modified: 0, size: content.length, isReadOnly: false, stamp: '' };
}

function listedEntry({ path, name, info }: FolderEntry, stamp: string): ListedEntry {
  const modified = modifiedOf(info);
  if (info.isDirectory()) return { type: 'folder', path: name, modified };
  if (info.isSymbolicLink()) return { type: 'symlink', path: name, modified, linkName: readlinkSync(path) };
  // Now and not when its turn comes, so that a build with such a file fails always and not sometimes.
  if ((info.mode & 0o444) !== 0o444 && process.getuid?.() !== 0) accessSync(path, constants.R_OK);
  return { type: 'file', path: name, modified, size: info.size, isReadOnly: (info.mode & 0o200) === 0, stamp };
}

async function* contentsOf(
  { path, more }: ContextFolder,
  files: readonly ListedFile[],
  numbers: readonly number[],
): AsyncGenerator<Uint8Array> {
  const own = more !== undefined && numbers.includes(0);
  if (own) {
    yield tarHeader({ name: more.name, type: 'file', size: more.content.length });
    yield more.content;
    yield tarPadding(more.content.length);
  }
  const first = more === undefined ? 0 : 1;
  const wanted = numbers.filter((number) => number >= first).map((number) => files[number - first]);
  yield* packEntries(
    unchanged(
      path,
      wanted.filter((file) => file !== undefined),
    ),
  );
}

/** Each file is looked at before its content is read and after it, which is when the next is asked for. */
function* unchanged(folder: string, files: readonly ListedFile[]): Generator<FolderEntry> {
  for (const { name, stamp } of files) {
    const path = join(folder, name);
    const info = lstatSync(path);
    if (stampOf(info) !== stamp) throw changed(path);
    yield { path, name, info };
    if (stampOf(lstatSync(path)) !== stamp) throw changed(path);
  }
}

/** What the system says of a file that cannot be read, in our words. */
async function* explained(body: AsyncIterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    const path = error instanceof Error && 'path' in error ? String(error.path) : '';
    if (isErrno(error, 'EACCES') || isErrno(error, 'EPERM'))
      throw new WindowboxError('permission-denied', `error checking context: no permission to read from '${path}'`, {
        hint: 'Name it in .dockerignore where the build does not need it.',
        cause: error,
      });
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) throw changed(path);
    if (error instanceof WindowboxError) throw error;
    throw new WindowboxError('unavailable', `Cannot send the context: ${describeError(error)}`, { cause: error });
  }
}

function changed(path: string): WindowboxError {
  return new WindowboxError('conflict', `Cannot send "${path}": it changed while the build ran`, {
    hint: 'Run the build again.',
  });
}

const listPieceSize = 1 << 16;
