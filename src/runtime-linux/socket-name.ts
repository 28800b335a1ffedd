import { constants, open } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Calls `use` with a name of `folder/name` that is short: a unix socket's name has 107 bytes, and a run folder with a container's
 * id in it has more.
 */
export async function withShortName<T>(folder: string, name: string, use: (path: string) => Promise<T>): Promise<T> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await use(join('/proc/self/fd', String(handle.fd), name));
  } finally {
    await handle.close();
  }
}
