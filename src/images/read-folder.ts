import { readdir } from 'node:fs/promises';
import { isErrno } from '../errors/index.js';

/** Names in a folder of the store; none where it was never made. */
export async function readFolder(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
