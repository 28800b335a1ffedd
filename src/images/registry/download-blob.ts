import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { isErrno, isErrorCode, WindowboxError } from '../../errors/index.js';
import { syncFolder } from '../../platform/index.js';
import type { ContentStore } from '../content-store.js';

export interface DownloadOptions {
  readonly content: ContentStore;
  readonly digest: string;
  readonly size: number;
  /** The bytes from an offset on; `partial` when the first ones are really left out. */
  readonly fetch: (offset: number) => Promise<{ readonly body: Readable; readonly partial: boolean }>;
  /** Whether the blob is to survive a power cut at once; else the caller syncs the file system before it records the blob. */
  readonly sync: boolean;
  readonly onBytes?: (current: number) => void;
}

/** A blob on its way into the store, which may be read while it grows. */
export interface Download {
  /** Resolves when the blob is complete, checked and visible. */
  readonly finished: Promise<void>;
  /** The bytes from the first on; ends with the blob, fails when the download does. Unchecked until `finished`. */
  read(): AsyncIterable<Uint8Array>;
}

/**
 * Downloads into `ingest/dl-<hex>`. What is there from an earlier try, of this or an earlier daemon, is kept; a broken connection goes
 * on where it stopped.
 */
export function downloadBlob(options: DownloadOptions): Download {
  const running = runningIn(options.content);
  const known = running.get(options.digest);
  if (known) return known;
  const hex = options.digest.replace('sha256:', '');
  const state: GrowingFile = {
    path: join(options.content.ingestFolder, `dl-${hex}`),
    finalPath: options.content.path(options.digest),
    length: 0,
    status: 'growing',
    waiting: [],
  };
  const finished = run(options, state)
    .then(
      () => {
        settle(state, 'complete');
      },
      (error: unknown) => {
        settle(state, 'failed', error instanceof Error ? error : new Error(String(error)));
        throw error;
      },
    )
    .finally(() => running.delete(options.digest));
  finished.catch(() => {});
  const download = { finished, read: () => readGrowing(state) };
  running.set(options.digest, download);
  return download;
}

/** Two pulls of one blob share its download: they would write into one file. */
function runningIn(content: ContentStore): Map<string, Download> {
  const known = allRunning.get(content) ?? new Map<string, Download>();
  allRunning.set(content, known);
  return known;
}

const allRunning = new WeakMap<ContentStore, Map<string, Download>>();

interface GrowingFile {
  readonly path: string;
  /** Its name in the store, when it is complete. */
  readonly finalPath: string;
  length: number;
  status: 'growing' | 'complete' | 'failed';
  failure?: Error;
  waiting: (() => void)[];
}

async function run(options: DownloadOptions, state: GrowingFile): Promise<void> {
  if (await isWhole(options)) {
    grow(state, options.size, options);
    return;
  }
  const hash = createHash('sha256');
  await readEarlier(state.path, options.size, (chunk) => hash.update(chunk));
  const file = await open(state.path, 'a+', 0o600);
  try {
    const earlier = (await file.stat()).size;
    if (earlier > options.size) await file.truncate(0);
    grow(state, earlier > options.size ? 0 : earlier, options);
    for (let failures = 0; state.length < options.size;) {
      const before = state.length;
      try {
        await receive(options, state, { file, hash });
      } catch (error) {
        failures = state.length > before ? 1 : failures + 1;
        if (failures >= 5 || !mayPass(error)) throw error;
      }
    }
    if (options.sync) await file.sync();
  } finally {
    await file.close();
  }
  await keepChecked(options, state.path, `sha256:${hash.digest('hex')}`);
}

/** A power cut may have left less of a blob than was written: its name is older than its content. */
async function isWhole({ content, digest, size }: DownloadOptions): Promise<boolean> {
  return (await content.has(digest)) && (await content.size(digest)) === size;
}

async function keepChecked(options: DownloadOptions, path: string, digest: string): Promise<void> {
  if (digest !== options.digest) {
    await rm(path, { force: true });
    throw new WindowboxError('data-loss', `Cannot store "${options.digest}": the bytes that came are "${digest}"`);
  }
  const target = options.content.path(digest);
  await rename(path, target);
  if (options.sync) await syncFolder(dirname(target));
}

async function receive(
  options: DownloadOptions,
  state: GrowingFile,
  target: { readonly file: FileHandle; readonly hash: { update(chunk: Uint8Array): unknown } },
): Promise<void> {
  const { body, partial } = await options.fetch(state.length);
  // A registry that ignores the range sends everything again: what we have is skipped.
  let skip = partial ? 0 : state.length;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    const fresh = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - fresh.length;
    if (fresh.length === 0) continue;
    if (state.length + fresh.length > options.size) {
      body.destroy();
      throw new WindowboxError(
        'data-loss',
        `Cannot store "${options.digest}": more than ${String(options.size)} bytes came`,
      );
    }
    await target.file.appendFile(fresh);
    target.hash.update(fresh);
    grow(state, state.length + fresh.length, options);
  }
  if (state.length < options.size)
    throw new WindowboxError('unavailable', `Cannot download "${options.digest}": the connection ended early`);
}

function grow(state: GrowingFile, length: number, options: DownloadOptions): void {
  state.length = length;
  options.onBytes?.(length);
  wake(state);
}

function settle(state: GrowingFile, status: 'complete' | 'failed', failure?: Error): void {
  state.status = status;
  if (failure) state.failure = failure;
  wake(state);
}

function wake(state: GrowingFile): void {
  const { waiting } = state;
  state.waiting = [];
  for (const resolve of waiting) resolve();
}

async function* readGrowing(state: GrowingFile): AsyncGenerator<Uint8Array> {
  while (state.length === 0 && state.status === 'growing') await changed(state);
  const file = await openEither(state);
  try {
    for (let at = 0; ;) {
      if (state.length > at) {
        const { bytesRead, buffer } = await file.read(
          Buffer.allocUnsafe(1 << 18),
          0,
          Math.min(1 << 18, state.length - at),
          at,
        );
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      } else if (state.failure) throw state.failure;
      else if (state.status === 'complete') return;
      else await changed(state);
    }
  } finally {
    await file.close();
  }
}

async function openEither(state: GrowingFile): Promise<FileHandle> {
  try {
    return await open(state.path, 'r');
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    if (state.failure !== undefined) throw state.failure;
    return open(state.finalPath, 'r');
  }
}

async function changed(state: GrowingFile): Promise<void> {
  return new Promise((resolve) => {
    state.waiting.push(resolve);
  });
}

async function readEarlier(path: string, size: number, onChunk: (chunk: Uint8Array) => void): Promise<void> {
  try {
    if ((await stat(path)).size > size) return;
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
      if (chunk instanceof Uint8Array) onChunk(chunk);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof WindowboxError) return isErrorCode(error, 'unavailable') || isErrorCode(error, 'timeout');
  return (
    ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE'].some((code) => isErrno(error, code)) ||
    (error instanceof Error && error.message === 'aborted')
  );
}
