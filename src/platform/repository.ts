import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WindowboxError } from '../errors/index.js';

/** The folder of Windowbox itself, where `guest/` and `package.json` are: above this file, bundled or not. */
export function findRepository(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) || !existsSync(join(folder, 'guest'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new WindowboxError(
        'internal',
        `Cannot find Windowbox's own files above "${import.meta.url}": no guest folder`,
      );
    folder = parent;
  }
  return folder;
}
