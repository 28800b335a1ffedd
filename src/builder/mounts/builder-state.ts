import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../platform/index.js';
import { type ContextRecords, openContextRecords } from '../files/context-records.js';
import { type KeptSpools, makeKeptSpools } from '../files/kept-spools.js';
import { type CacheStore, openCacheStore } from './cache-store.js';

/** What the builder keeps on this machine beside images. */
export interface BuilderState {
  readonly caches: CacheStore;
  /** What is known of files that clients hold. */
  readonly contexts: ContextRecords;
  /** What came of them of late. */
  readonly spools: KeptSpools;
  /** For what a build needs while it runs; emptied when the daemon starts. */
  readonly work: string;
  close(): void;
}

/** Opens the builder's folder; what a crash left of builds goes, mounts included. One daemon has it. */
export async function openBuilderState(folder: string): Promise<BuilderState> {
  const work = join(folder, 'work');
  for (const path of mountsBelow(work)) await runCommand('umount', ['-l', path], { timeoutMs: 30_000 });
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true, mode: 0o700 });
  const contexts = await openContextRecords(join(folder, 'contexts'));
  const spools = makeKeptSpools();
  const caches = await openCacheStore(folder);
  return {
    caches,
    contexts,
    spools,
    work,
    close: () => {
      spools.clear();
      caches.close();
    },
  };
}

/** Topmost first, so that each is free when its turn comes. */
function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replaceAll(/\\(\d{3})/gu, (_, code: string) => octal(code)))
    .filter((path) => path.startsWith(`${folder}/`))
    .toReversed();
}

function octal(code: string): string {
  return String.fromCodePoint(Number.parseInt(code, 8));
}
