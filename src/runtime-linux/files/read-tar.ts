import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Headers, pack as makePack, type Pack } from 'tar-stream';
import { isErrno } from '../../errors/index.js';
import { byText } from './by-text.js';
import type { Find } from './open-files.js';
import { notFound, openFolder, type Place, within } from './walk.js';
import { parseWindowsPath } from './windows-path.js';

/**
 * A tar stream of a file or folder, entries named from its base name on; `C:\` itself gives `./`. Files belong to root in it, as
 * Docker's do on Windows. Pipes, sockets and devices, which Windows cannot see, are left out.
 *
 * @throws WindowboxError `not-found`.
 */
export async function readTar(find: Find, path: string): Promise<NodeJS.ReadableStream> {
  const place = await find(path);
  if (place.stat === undefined) {
    await place.folder.close();
    throw notFound(parseWindowsPath(path).names);
  }
  const pack = makePack();
  const output = new PassThrough();
  const name = place.path.at(-1) ?? '.';
  void pipeline(pack, output).catch(() => {
    // The reader sees the error on `output`, or has gone away itself; packing stops at the next entry either way.
  });
  void packAll(pack, place, name);
  return output;
}

async function packAll(pack: Pack, place: Place, name: string): Promise<void> {
  try {
    await addEntry(pack, place.folder, { name: place.name, as: name });
    pack.finalize();
  } catch (error) {
    pack.destroy(error instanceof Error ? error : new Error(String(error)));
  } finally {
    await place.folder.close();
  }
}

interface Entry {
  readonly name: string;
  /** Its name in the archive. */
  readonly as: string;
}

async function addEntry(pack: Pack, folder: FileHandle, entry: Entry): Promise<void> {
  const stat = await lstat(within(folder, entry.name)).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  // What a program removes while we read is simply not there.
  if (stat === undefined) return;
  if (stat.isDirectory()) await addFolder(pack, folder, { ...entry, stat });
  else if (stat.isFile()) await addFile(pack, folder, entry);
  else if (stat.isSymbolicLink())
    await addHeader(pack, {
      ...header(entry.as, stat),
      type: 'symlink',
      linkname: await readlink(within(folder, entry.name)),
    });
}

async function addFolder(pack: Pack, parent: FileHandle, entry: Entry & { readonly stat: Stats }): Promise<void> {
  await addHeader(pack, { ...header(`${entry.as}/`, entry.stat), type: 'directory' });
  const folder = await openFolder(parent, entry.name);
  try {
    for (const name of (await readdir(within(folder, '.'))).sort(byText))
      await addEntry(pack, folder, { name, as: `${entry.as}/${name}` });
  } finally {
    await folder.close();
  }
}

async function addFile(pack: Pack, folder: FileHandle, entry: Entry): Promise<void> {
  // Not blocking: a pipe that took the file's name in between must not stop us.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(within(folder, entry.name), flags);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return;
    const sink = pack.entry({ ...header(entry.as, stat), type: 'file', size: stat.size });
    await pipeline(exactly(file, stat.size), sink);
  } finally {
    await file.close();
  }
}

/** The first `size` bytes: a file that grows is cut, one that shrinks is filled up, since its length is written already. */
async function* exactly(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let position = 0; position < size;) {
    const buffer = Buffer.alloc(Math.min(262_144, size - position));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    yield bytesRead === 0 ? buffer : buffer.subarray(0, bytesRead);
    position += bytesRead === 0 ? buffer.length : bytesRead;
  }
}

function header(name: string, stat: Stats): Headers {
  return { name, mode: stat.mode & 0o777, mtime: stat.mtime, uid: 0, gid: 0 };
}

async function addHeader(pack: Pack, fields: Headers): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    pack.entry(fields, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
