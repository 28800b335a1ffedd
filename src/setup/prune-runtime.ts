import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Paths, readRuntimeParts } from '../platform/index.js';

/**
 * Removes what earlier versions and `--rebuild` left in the runtime folder, and resolves with the names. The differences of bases go too; they
 * are made again at first use. No container may be running: its layers would vanish below it.
 */
export async function pruneRuntime(paths: Paths): Promise<readonly string[]> {
  const parts = await readRuntimeParts(paths);
  const kept = new Set([parts.root, parts.kernel, parts.guest, parts.prefix].map((folder) => basename(folder)));
  const names = (await readdir(paths.runtime)).filter((name) => isPart.test(name) && !kept.has(partOf(name)));
  for (const name of names) await rm(join(paths.runtime, name), { recursive: true, force: true });
  return names;
}

function partOf(name: string): string {
  return name.replace(/^\.contents-(.*)\.json$/u, '$1');
}

const isPart = /^(?:(?:root|kernel|guest|prefix|base)-|\.replaced-|\.contents-)/u;
