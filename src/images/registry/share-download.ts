import { join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import type { ContentStore } from '../content-store.js';
import { downloadBlob, type FetchBlob } from './download-blob.js';
import type { PackedFile } from '../packed-file.js';
import { type GrowingFile, packedFile, settle, wake } from './growing-file.js';

export interface DownloadOptions {
  readonly content: ContentStore;
  readonly digest: string;
  readonly size: number;
  readonly fetch: FetchBlob;
  /** Whether the blob is to survive a power cut at once; else the caller syncs the file system before it records the blob. */
  readonly sync: boolean;
  /** When it is aborted, the caller waits no longer. */
  readonly signal?: AbortSignal;
  readonly onBytes?: (current: number) => void;
}

/** A blob on its way into the store, which may be read while it grows. */
export interface Download {
  /** Resolves when the blob is complete, checked and visible. */
  readonly finished: Promise<void>;
  /** Ends with the blob, fails when the download does. Unchecked until `finished`. */
  readonly file: PackedFile;
}

/**
 * Downloads a blob into the store. Whoever asks for the same one meanwhile waits for the same download, since both would write into one
 * file. It ends early only when nobody waits any more, and always asks in the name of one who does.
 */
export function shareDownload(options: DownloadOptions): Download {
  const running = runningIn(options.content);
  const known = running.get(options.digest);
  const isJoinable = known?.size === options.size && !known.stop.signal.aborted;
  return joinDownload(isJoinable ? known : startDownload(running, options), options);
}

interface SharedDownload {
  readonly size: number;
  readonly state: GrowingFile;
  readonly waiters: Set<DownloadOptions>;
  readonly stop: AbortController;
  /** When nothing of it writes into the store any more. */
  readonly ended: Promise<void>;
}

function startDownload(running: Map<string, SharedDownload>, options: DownloadOptions): SharedDownload {
  const { content, digest, size, sync } = options;
  const before = running.get(digest);
  const state: GrowingFile = {
    path: join(content.ingestFolder, `dl-${digest.replace('sha256:', '')}`),
    finalPath: content.path(digest),
    length: 0,
    status: 'growing',
    waiting: [],
  };
  const waiters = new Set([options]);
  const stop = new AbortController();
  const fetch: FetchBlob = async (offset, signal) => {
    const [waiter = options] = waiters;
    return waiter.fetch(offset, signal);
  };
  const onBytes = (current: number): void => {
    for (const waiter of waiters) waiter.onBytes?.(current);
  };
  const work = async (): Promise<void> => {
    // The one before, which nobody waits for, may still be writing into the file.
    await before?.ended.catch(() => {});
    await downloadBlob({ content, digest, size, sync, fetch, onBytes, signal: stop.signal }, state);
  };
  const ended = work()
    .then(
      () => {
        settle(state, 'complete');
      },
      (error: unknown) => {
        const failure = stop.signal.aborted ? cancelled(digest) : asError(error);
        settle(state, 'failed', failure);
        throw failure;
      },
    )
    .finally(() => {
      if (running.get(digest) === shared) running.delete(digest);
    });
  ended.catch(() => {});
  const shared: SharedDownload = { size, state, waiters, stop, ended };
  running.set(digest, shared);
  return shared;
}

function joinDownload(shared: SharedDownload, options: DownloadOptions): Download {
  const { state, waiters, stop, ended } = shared;
  const { digest, signal } = options;
  waiters.add(options);
  if (state.length > 0) options.onBytes?.(state.length);
  const finished = new Promise<void>((resolve, reject) => {
    const leave = (): void => {
      waiters.delete(options);
      wake(state);
      if (waiters.size > 0) reject(cancelled(digest));
      else stop.abort();
    };
    ended.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave));
    if (signal?.aborted === true) leave();
    else signal?.addEventListener('abort', leave, { once: true });
  });
  finished.catch(() => {});
  const check = (): void => {
    if (signal?.aborted === true) throw cancelled(digest);
  };
  return { finished, file: packedFile(state, options.size, check) };
}

function runningIn(content: ContentStore): Map<string, SharedDownload> {
  const known = allRunning.get(content) ?? new Map<string, SharedDownload>();
  allRunning.set(content, known);
  return known;
}

const allRunning = new WeakMap<ContentStore, Map<string, SharedDownload>>();

function cancelled(digest: string): WindowboxError {
  return new WindowboxError('cancelled', `Cannot download "${digest}": cancelled`);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
