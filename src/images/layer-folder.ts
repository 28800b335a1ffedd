import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../errors/index.js';
import { layerFolders, type StoreContext } from './store-context.js';

/** A folder beside the finished layers; the sweep takes it after a crash. */
export function newLayerFolder(context: Pick<StoreContext, 'folder'>): string {
  return join(context.folder, 'layers', `new-${randomBytes(8).toString('hex')}`);
}

/** Gives a finished layer its name; when the same layer is there already, ours goes. */
export async function placeLayer(context: StoreContext, folder: string, chain: string): Promise<void> {
  try {
    await rename(folder, layerFolders(context, chain).whole);
  } catch (error) {
    if (!isErrno(error, 'ENOTEMPTY') && !isErrno(error, 'EEXIST')) throw error;
    await rm(folder, { recursive: true, force: true });
  }
}
