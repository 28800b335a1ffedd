import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, isErrno, isErrorCode, WindowboxError } from '../../errors/index.js';
import { createFileHash, type FileHash, isDiskFull, syncFolder } from '../../platform/index.js';
import type { ContentStore } from '../content-store.js';
import { grow, type GrowingFile } from './growing-file.js';

/** The bytes of a blob from an offset on; `partial` when the first ones are really left out. */
export type FetchBlob = (
  offset: number,
  signal: AbortSignal,
) => Promise<{ readonly body: Readable; readonly partial: boolean }>;

export interface BlobOptions {
  readonly content: ContentStore;
  readonly digest: string;
  readonly size: number;
  readonly fetch: FetchBlob;
  /** Whether the blob is to survive a power cut at once; else the caller syncs the file system before it records the blob. */
  readonly sync: boolean;
  readonly signal: AbortSignal;
  readonly onBytes: (current: number) => void;
}

/**
 * Downloads into `state.path`, checks, and gives the blob its name. What is there from an earlier try, of this or an earlier daemon, is
 * kept; a broken connection goes on where it stopped.
 *
 * @throws WindowboxError `unavailable`, `data-loss`, `cancelled`.
 */
export async function downloadBlob(options: BlobOptions, state: GrowingFile): Promise<void> {
  if (await isWhole(options)) {
    advance(state, options.size, options);
    return;
  }
  const file = await open(state.path, 'a+', 0o600);
  const hash = createFileHash(file, options.size);
  let digest;
  try {
    await receiveAll(options, state, { file, hash });
    digest = `sha256:${await hash.digest()}`;
    if (options.sync) await file.sync();
  } finally {
    await hash.close();
    await file.close();
  }
  await keepChecked(options, state.path, digest);
}

interface Target {
  readonly file: FileHandle;
  readonly hash: FileHash;
}

async function receiveAll(options: BlobOptions, state: GrowingFile, target: Target): Promise<void> {
  const earlier = (await target.file.stat()).size;
  if (earlier > options.size) await target.file.truncate(0);
  const kept = earlier > options.size ? 0 : earlier;
  target.hash.grow(kept);
  advance(state, kept, options);
  for (let failures = 0; state.length < options.size;) {
    const before = state.length;
    try {
      await receive(options, state, target);
    } catch (error) {
      options.signal.throwIfAborted();
      failures = state.length > before ? 1 : failures + 1;
      if (failures >= maxFailures || !mayPass(error)) throw explain(error, options, state);
      await sleep(100 * 2 ** failures, undefined, { signal: options.signal });
    }
  }
}

/** A power cut may have left less of a blob than was written: its name is older than its content. */
async function isWhole({ content, digest, size }: BlobOptions): Promise<boolean> {
  return (await content.has(digest)) && (await content.size(digest)) === size;
}

async function keepChecked(options: BlobOptions, path: string, digest: string): Promise<void> {
  if (digest !== options.digest) {
    await rm(path, { force: true });
    throw new WindowboxError('data-loss', `filesystem layer verification failed for digest ${options.digest}`, {
      hint: `Other bytes came, with the digest ${digest}: the registry or something on the way damages or changes them. Nothing of them was kept.`,
    });
  }
  const target = options.content.path(digest);
  await rename(path, target);
  if (options.sync) await syncFolder(dirname(target));
}

async function receive(options: BlobOptions, state: GrowingFile, target: Target): Promise<void> {
  const { body, partial } = await options.fetch(state.length, options.signal);
  // A registry that ignores the range sends everything again: what we have is skipped.
  let skip = partial ? 0 : state.length;
  const batch = createBatch(async (bytes) => {
    await target.file.appendFile(bytes);
    target.hash.grow(state.length + bytes.length);
    advance(state, state.length + bytes.length, options);
  });
  try {
    for await (const chunk of body) {
      if (!Buffer.isBuffer(chunk)) continue;
      const fresh = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - fresh.length;
      if (state.length + batch.size() + fresh.length > options.size) throw tooLong(options);
      await batch.add(fresh);
    }
  } finally {
    body.destroy();
    await batch.flush();
  }
  if (state.length < options.size)
    throw new WindowboxError('unavailable', `Cannot download "${options.digest}": the connection ended early`);
}

interface Batch {
  size(): number;
  add(chunk: Buffer): Promise<void>;
  flush(): Promise<void>;
}

/** Each write waits for a thread: a megabyte at once, or what came in a moment of a slow connection. */
function createBatch(write: (bytes: Buffer) => Promise<void>): Batch {
  let [held, size, since]: [Buffer[], number, number] = [[], 0, performance.now()];
  const flush = async (): Promise<void> => {
    if (size === 0) return;
    const bytes = Buffer.concat(held);
    [held, size, since] = [[], 0, performance.now()];
    await write(bytes);
  };
  return {
    size: () => size,
    add: async (chunk) => {
      held.push(chunk);
      size += chunk.length;
      if (size >= 1 << 20 || performance.now() - since > 200) await flush();
    },
    flush,
  };
}

function tooLong({ digest, size }: BlobOptions): WindowboxError {
  return new WindowboxError('data-loss', `Cannot store "${digest}": more than ${String(size)} bytes came`);
}

function advance(state: GrowingFile, length: number, { onBytes }: BlobOptions): void {
  grow(state, length);
  onBytes(length);
}

/** What the user is to know: how far it came, why it stopped, and that another try goes on there. */
function explain(error: unknown, { digest, size }: BlobOptions, { length }: GrowingFile): unknown {
  const isOurs =
    error instanceof WindowboxError && !isErrorCode(error, 'unavailable') && !isErrorCode(error, 'timeout');
  if (isOurs || isDiskFull(error)) return error;
  const reason = describeError(error) === 'aborted' ? 'the connection broke' : describeError(error);
  return new WindowboxError(
    'unavailable',
    `Cannot download "${digest}": ${String(length)} of ${String(size)} bytes came, then: ${reason}`,
    { hint: 'What came is kept: another try goes on from there.', cause: error },
  );
}

function mayPass(error: unknown): boolean {
  if (error instanceof WindowboxError) return isErrorCode(error, 'unavailable') || isErrorCode(error, 'timeout');
  return (
    ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE'].some((code) => isErrno(error, code)) ||
    (error instanceof Error && error.message === 'aborted')
  );
}

/** Without a byte in between. */
const maxFailures = 5;
