import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isErrno, WindowboxError } from '../../errors/index.js';
import { createMutex, type Mutex } from '../../platform/index.js';

/** Bounds of a container's log. Docker keeps json-file logs without bound by default; ours end at 100 MB. */
export interface LogLimits {
  /** Bytes of one file. */
  readonly maxSize: number;
  /** Count of files, the current one included. */
  readonly maxFiles: number;
}

/** @throws WindowboxError `invalid-argument` for an option that is unknown or has a bad value. */
export function parseLogLimits(options: Readonly<Record<string, string>>): LogLimits {
  let limits: LogLimits = { maxSize: 20 * 1024 * 1024, maxFiles: 5 };
  for (const [name, value] of Object.entries(options)) {
    if (name === 'max-size') limits = { ...limits, maxSize: parseSize(value) };
    else if (name === 'max-file') limits = { ...limits, maxFiles: parseCount(value) };
    else if (!['labels', 'labels-regex', 'env', 'env-regex', 'tag', 'compress', 'mode'].includes(name))
      throw new WindowboxError('invalid-argument', `unknown log opt '${name}' for json-file log driver`);
  }
  return limits;
}

/**
 * The files of a log, opened, oldest first; the current one is last. A file stays the same one while it is open, whatever it is
 * renamed to meanwhile. The caller closes them.
 */
export async function openLogFiles(path: string): Promise<FileHandle[]> {
  return lockOf(path).run(async () => {
    const files: FileHandle[] = [];
    try {
      for (const name of await namesOf(path)) files.push(await open(name, 'r'));
    } catch (error) {
      // The container was removed under its reader: there is no more to read.
      if (!isErrno(error, 'ENOENT')) throw error;
    }
    return files;
  });
}

/** Makes room for a new current file: `log` → `log.1` → `log.2` …, the oldest goes. */
export async function rotateLogFiles(path: string, maxFiles: number): Promise<void> {
  await lockOf(path).run(async () => {
    const names = await namesOf(path);
    const kept = maxFiles <= 1 ? [] : names.slice(-(maxFiles - 1));
    for (const name of names) if (!kept.includes(name)) await rm(name, { force: true });
    for (const [index, name] of kept.entries()) await rename(name, `${path}.${String(kept.length - index)}`);
  });
}

/** The daemon is the only one that renames these files: a lock within it keeps a reader from looking between two renames. */
const locks = new Map<string, Mutex>();

function lockOf(path: string): Mutex {
  const lock = locks.get(path) ?? createMutex();
  locks.set(path, lock);
  return lock;
}

/** Lets go of what is remembered of a log that is gone. */
export function forgetLogFiles(path: string): void {
  locks.delete(path);
}

async function namesOf(path: string): Promise<string[]> {
  const base = basename(path);
  const entries = await readdir(dirname(path));
  const rotated = entries
    .filter((name) => name.startsWith(`${base}.`) && /^\d+$/u.test(name.slice(base.length + 1)))
    .toSorted((a, b) => Number(b.slice(base.length + 1)) - Number(a.slice(base.length + 1)));
  return [...rotated, ...entries.filter((name) => name === base)].map((name) => join(dirname(path), name));
}

function parseSize(value: string): number {
  const match = /^(\d+)\s*([kmg]?)b?$/iu.exec(value);
  const factor = { '': 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 }[match?.[2]?.toLowerCase() ?? ''];
  const size = Number(match?.[1]) * (factor ?? Number.NaN);
  if (Number.isNaN(size) || size < 4096)
    throw new WindowboxError('invalid-argument', `invalid value for max-size: ${value}`);
  return size;
}

function parseCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1)
    throw new WindowboxError('invalid-argument', `invalid value for max-file: ${value}`);
  return count;
}
