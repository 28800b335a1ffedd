import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { tryCommand } from '../platform/index.js';

/**
 * Removes the debugging sections from Wine's Windows programs: Debian ships them with, 711 MB of which 152 MB are code and data.
 * One file a call: GNU strip forgets the page-wise file alignment from the second file on, and then Wine reads what it could map.
 */
export async function stripPrograms(folder: string): Promise<void> {
  const names = (await readdir(folder)).values();
  const worker = async (): Promise<void> => {
    for (const name of names)
      // A file that is no program (a type library, a theme) is refused and left as it is.
      await tryCommand('x86_64-w64-mingw32-strip', [join(folder, name)], { timeoutMs: 60_000 });
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}
