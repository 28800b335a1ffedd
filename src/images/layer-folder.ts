import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isErrno } from '../errors/index.js';
import { syncFileSystem, syncFolder } from '../platform/index.js';
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

/** To be called before layers are recorded: after a power cut no record may speak of files that never reached the disk. */
export async function syncLayers(context: Pick<StoreContext, 'folder'>): Promise<void> {
  await syncFileSystem(join(context.folder, 'layers'));
}

/** The same for one layer whose content is on the disk already: its name. */
export async function syncLink(context: Pick<StoreContext, 'folder'>, chain: string): Promise<void> {
  await syncFolder(dirname(layerFolders(context, chain).whole));
}
