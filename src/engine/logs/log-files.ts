import { rename, rm, stat } from 'node:fs/promises';
import { isErrno, WindowboxError } from '../../errors/index.js';

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

/** The files of a log, oldest first; the current one is last. */
export async function listLogFiles(path: string): Promise<string[]> {
  const files = [path];
  for (let number = 1; await exists(`${path}.${String(number)}`); number += 1)
    files.unshift(`${path}.${String(number)}`);
  return files;
}

/** Makes room for a new current file: `log` → `log.1` → `log.2` …, the oldest goes. */
export async function rotateLogFiles(path: string, maxFiles: number): Promise<void> {
  const files = await listLogFiles(path);
  const kept = files.slice(-Math.max(maxFiles - 1, 0));
  for (const file of files) if (maxFiles <= 1 || !kept.includes(file)) await rm(file, { force: true });
  if (maxFiles <= 1) return;
  for (const [index, file] of kept.entries()) await rename(file, `${path}.${String(kept.length - index)}`);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
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
