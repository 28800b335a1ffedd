import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest, parseManifest } from '../oci/index.js';
import { readFolder } from './read-folder.js';
import { layerFolders, type StoreContext } from './store-context.js';

/**
 * Deletes content that no image refers to: unpacked layers, then blobs. Runs while nothing else works on the store, now or later; what a
 * crash left half done is unreferenced, so the next sweep takes it too.
 *
 * @returns bytes that were freed; 0 when it has to wait.
 */
export async function collectGarbage(context: StoreContext): Promise<number> {
  return context.work.sweep(async () => {
    const freedLayers = await sweepLayers(context);
    const freedBlobs = await sweepBlobs(context);
    await sweepIngest(context);
    return freedLayers + freedBlobs;
  });
}

/** Deletes layers that no image has, and folders that a crash left: a layer without a record may be torn. Answers the records' bytes. */
export async function sweepLayers(context: StoreContext): Promise<number> {
  const { records } = context;
  const used = new Set(records.all().flatMap(({ chains }) => chains));
  const unused = records.layers().filter(({ chain }) => !used.has(chain));
  for (const { chain } of unused) records.deleteLayer(chain);
  const folder = join(context.folder, 'layers');
  const known = new Set([...used].map((chain) => layerFolders(context, chain).whole));
  for (const name of await readFolder(folder)) {
    const path = join(folder, name);
    if (!known.has(path)) await rm(path, { recursive: true, force: true });
  }
  return unused.reduce((sum, { size }) => sum + size, 0);
}

async function sweepBlobs(context: StoreContext): Promise<number> {
  const used = await usedBlobs(context);
  let freed = 0;
  for (const { digest, size } of await context.content.list()) {
    if (used.has(digest)) continue;
    await context.content.remove(digest);
    freed += size;
  }
  return freed;
}

async function usedBlobs({ records, content }: StoreContext): Promise<Set<string>> {
  const used = new Set<string>();
  for (const layer of records.layers()) if (layer.blob !== '') used.add(layer.blob);
  for (const { id, manifest } of records.all()) {
    used.add(id);
    if (!isDigest(manifest) || !(await content.has(manifest))) continue;
    used.add(manifest);
    const parsed = parseManifest(await content.readText(manifest), undefined);
    if (parsed.kind === 'manifest') for (const { digest } of parsed.manifest.layers) used.add(digest);
  }
  return used;
}

async function sweepIngest({ content }: StoreContext): Promise<void> {
  for (const name of await readFolder(content.ingestFolder))
    await rm(join(content.ingestFolder, name), { recursive: true, force: true });
}
