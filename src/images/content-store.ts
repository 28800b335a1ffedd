import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { isErrno, WindowboxError } from '../errors/index.js';
import { isDigest, parseDigest } from '../oci/index.js';
import { syncFolder } from '../platform/index.js';

/** What bytes are expected: what does not match is refused and never becomes visible. */
export interface ExpectedContent {
  readonly digest?: string;
  readonly size?: number;
  /** Default 64 GiB: no stream fills the disk without end. */
  readonly maxSize?: number;
}

/**
 * Files named by their digest, `blobs/sha256/<hex>`. A blob is written under `ingest/`, synced, checked, and only then renamed
 * to its name: who sees a blob sees all of it. Nothing here knows what a blob is for; garbage collection is another file's.
 */
export interface ContentStore {
  has(digest: string): Promise<boolean>;
  /** Bytes. @throws WindowboxError `not-found`. */
  size(digest: string): Promise<number>;
  /** Where the blob's file is, whether it exists or not. */
  path(digest: string): string;
  /** The whole blob as text, at most 8 MiB: for configs and manifests. */
  readText(digest: string): Promise<string>;
  read(digest: string): Readable;
  /** Takes a stream in; `onBytes` hears the size so far. @throws WindowboxError `data-loss` when digest or size differ from what was expected. */
  add(
    source: AsyncIterable<Uint8Array>,
    expected?: ExpectedContent,
    onBytes?: (total: number) => void,
  ): Promise<{ readonly digest: string; readonly size: number }>;
  addText(text: string): Promise<string>;
  remove(digest: string): Promise<void>;
  list(): Promise<readonly { readonly digest: string; readonly size: number; readonly modified: number }[]>;
  /** A folder for unfinished work; what lies in it from before the daemon's start is rubbish. */
  readonly ingestFolder: string;
}

export async function openContentStore(folder: string): Promise<ContentStore> {
  const blobs = join(folder, 'blobs', 'sha256');
  const ingestFolder = join(folder, 'ingest');
  await mkdir(blobs, { recursive: true, mode: 0o700 });
  await mkdir(ingestFolder, { recursive: true, mode: 0o700 });
  const path = (digest: string): string => {
    const { algorithm, hex } = parseDigest(digest);
    if (algorithm !== 'sha256')
      throw new WindowboxError('unsupported', `Cannot store "${digest}": only sha256 is supported`);
    return join(blobs, hex);
  };
  const store: ContentStore = {
    path,
    ingestFolder,
    has: async (digest) => (await sizeOf(path(digest))) !== undefined,
    size: async (digest) => {
      const size = await sizeOf(path(digest));
      if (size === undefined) throw missing(digest);
      return size;
    },
    readText: async (digest) => {
      const size = await store.size(digest);
      if (size > maxText)
        throw new WindowboxError('resource-exhausted', `Cannot read "${digest}": ${String(size)} bytes is too long`);
      return readFile(path(digest), 'utf8');
    },
    read: (digest) => createReadStream(path(digest), { highWaterMark: 1 << 18 }),
    add: async (source, expected = {}, onBytes = () => {}) => {
      const temporary = join(ingestFolder, randomBytes(12).toString('hex'));
      try {
        const written = await writeChecked({ source, temporary, expected, onBytes });
        await rename(temporary, path(written.digest));
        await syncFolder(blobs);
        return written;
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    addText: async (text) => (await store.add(once(Buffer.from(text)))).digest,
    remove: async (digest) => rm(path(digest), { force: true }),
    list: async () => {
      const names = (await readdir(blobs)).filter((name) => isDigest(`sha256:${name}`));
      const found = await Promise.all(names.map(async (name) => ({ name, info: await stat(join(blobs, name)) })));
      return found.map(({ name, info }) => ({ digest: `sha256:${name}`, size: info.size, modified: info.mtimeMs }));
    },
  };
  return store;
}

async function* once(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}

async function writeChecked(options: {
  source: AsyncIterable<Uint8Array>;
  temporary: string;
  expected: ExpectedContent;
  onBytes: (total: number) => void;
}): Promise<{ digest: string; size: number }> {
  const { expected } = options;
  const limit = expected.size ?? expected.maxSize ?? 64 * 2 ** 30;
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(options.temporary, 'wx', 0o600);
  try {
    for await (const chunk of options.source) {
      size += chunk.length;
      if (size > limit)
        throw new WindowboxError('data-loss', `Cannot store content: more than ${String(limit)} bytes came`);
      hash.update(chunk);
      await file.writeFile(chunk);
      options.onBytes(size);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const digest = `sha256:${hash.digest('hex')}`;
  if (expected.digest !== undefined && expected.digest !== digest)
    throw new WindowboxError('data-loss', `Cannot store "${expected.digest}": the bytes that came are "${digest}"`);
  if (expected.size !== undefined && expected.size !== size)
    throw new WindowboxError(
      'data-loss',
      `Cannot store "${digest}": ${String(size)} bytes came, ${String(expected.size)} expected`,
    );
  return { digest, size };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function missing(digest: string): WindowboxError {
  return new WindowboxError('not-found', `Cannot read "${digest}": no such content`);
}

const maxText = 8 * 2 ** 20;
