import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand, syncFolder } from '../platform/index.js';
import { contentsFile, noteContents } from './part-contents.js';
import type { Report } from './progress.js';

export interface Part {
  readonly name: 'root' | 'kernel' | 'guest' | 'prefix';
  readonly title: string;
  /** Everything that decides the outcome: hashed into the folder's name. */
  readonly recipe: unknown;
  /** Fills an empty folder. What it leaves elsewhere must be gone when it ends, or be found and removed by the next run. */
  readonly build: (folder: string, report: Report) => Promise<void>;
}

/** `<name>-<hash>`, the folder of this part below the runtime folder. */
export function partFolder(part: Pick<Part, 'name' | 'recipe'>): string {
  const hash = createHash('sha256').update(JSON.stringify(part.recipe)).digest('hex');
  return `${part.name}-${hash.slice(0, 16)}`;
}

/**
 * Makes a part unless it is there, and resolves with its folder. It is built in a hidden sibling, written to the disk, and renamed: a folder with its
 * final name is whole, whatever was killed when. The caller holds the set-up's lock.
 */
export async function buildPart(part: Part, options: BuildOptions): Promise<string> {
  const folder = join(options.runtime, partFolder(part));
  const temporary = join(options.runtime, `.building-${part.name}`);
  const begin = performance.now();
  options.report({ type: 'step', name: part.name, title: part.title });
  const cached = existsSync(folder) && !options.rebuild;
  if (!cached) {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    await part.build(temporary, options.report);
    await noteContents(temporary, contentsFile(folder));
    await runCommand('sync', ['-f', temporary], { timeoutMs: 300_000 });
    // Running containers may still use the old one: it goes with the next `setup --prune`.
    if (existsSync(folder)) await rename(folder, join(options.runtime, `.replaced-${part.name}-${String(Date.now())}`));
    await rename(temporary, folder);
    await syncFolder(options.runtime);
  }
  options.report({ type: 'done', name: part.name, milliseconds: Math.round(performance.now() - begin), cached });
  return folder;
}

export interface BuildOptions {
  readonly runtime: string;
  readonly rebuild: boolean;
  readonly report: Report;
}
