import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../errors/index.js';
import { atomicWrite } from '../platform/index.js';
import type { Context } from './context.js';

/**
 * The base that was used last, kept over the daemon's end: the next daemon prepares a sandbox for it while it still starts. Undefined where
 * none was, or where a layer of it has gone.
 */
export function readLastBase({ options }: Context): readonly string[] | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(fileIn(options.prepared), 'utf8'));
    if (!Array.isArray(kept) || kept.length === 0) return undefined;
    const lower = kept.filter((path) => typeof path === 'string');
    return lower.length === kept.length && lower.every((path) => existsSync(path)) ? lower : undefined;
  } catch {
    return undefined;
  }
}

/** Never fails: only speed hangs on it. */
export async function keepLastBase({ options, log }: Context, lower: readonly string[]): Promise<void> {
  try {
    await mkdir(options.prepared, { recursive: true, mode: 0o711 });
    await atomicWrite(fileIn(options.prepared), JSON.stringify(lower));
  } catch (error) {
    log(`cannot remember the base used last: ${describeError(error)}`);
  }
}

function fileIn(folder: string): string {
  return join(folder, 'last-base.json');
}
