import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileGuestPrograms } from '../guest-link/index.js';
import type { Part } from './build-part.js';

/** What runs beside the program in a sandbox, compiled from `guest/`. Made again whenever a source changes. */
export async function guestPart(sources: string): Promise<Part> {
  return {
    name: 'guest',
    title: 'guest programs',
    recipe: await hashSources(sources),
    build: async (folder) => {
      await compileGuestPrograms(sources, folder);
    },
  };
}

async function hashSources(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.(?:c|h|json)$/u.test(name)).sort();
  for (const name of names) hash.update(`${name}\0`).update(await readFile(join(folder, name)));
  return hash.digest('hex');
}
