import { chown, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../errors/index.js';
import { containerOwner, englishEnvironment, runCommand } from '../platform/index.js';
import { chainIds } from './base-image.js';
import type { ImageRecord, LayerRecord } from './image-records.js';
import { newLayerFolder, placeLayer } from './layer-folder.js';
import { layersOf } from './lease-image.js';
import { clampStream, clampTimes } from './layers/clamp-times.js';
import { importLayer } from './layers/import-layer.js';
import { inheritMetadata } from './layers/inherit-metadata.js';
import { storeRegistryChanges } from './layers/layer-registry.js';
import { spellOutMarks } from './layers/overlay-marks.js';
import { measureLayer } from './measure-layer.js';
import { shareLayer } from './share-layer.js';
import { layerFolders, type StoreContext } from './store-context.js';
import type { CommitOptions } from './types.js';

/**
 * Takes what a container wrote into the store as a layer on its image. Its digest is that of the Windows layer that it would be
 * pushed as. Not recorded yet: that is the caller's last step.
 */
export async function commitLayer(
  context: StoreContext,
  parent: ImageRecord,
  options: CommitOptions,
): Promise<LayerRecord> {
  const diffs = parent.chains.map((chain) => context.records.layer(chain)?.diff ?? '');
  const from = options.filesKey === undefined ? undefined : context.shared.get(options.filesKey);
  const same =
    from === undefined
      ? undefined
      : await shareLayer(context, { from, base: parent, diffs, parents: await layersOf(context, parent.id) });
  if (same) return same;
  const folder = newLayerFolder(context);
  const [root, meta] = [join(folder, 'root'), join(folder, 'meta')];
  try {
    await mkdir(meta, { recursive: true, mode: 0o700 });
    const parents = await layersOf(context, parent.id);
    const { files, latest } = options;
    if (files) await importLayer({ source: clampStream(files, latest), root, meta, parents, owner: containerOwner });
    else await takeUpperFully(context, { parent, options, root, meta, parents });
    const { diff, size } = await measureLayer(root, meta);
    const [chain = ''] = chainIds(parent, [...diffs, diff]).slice(-1);
    await placeLayer(context, folder, chain);
    if (options.filesKey !== undefined) context.shared.set(options.filesKey, chain);
    return { chain, diff, size, blob: '' };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function takeUpperFully(
  context: StoreContext,
  take: { parent: ImageRecord; options: CommitOptions; root: string; meta: string; parents: readonly string[] },
): Promise<void> {
  const { parent, options, root, meta, parents } = take;
  await takeUpper(options, root);
  await keepOnlyContent(root);
  await spellOutMarks(root, meta, parents);
  storeRegistryChanges({ root, parents, owner: containerOwner });
  if (options.latest !== undefined) clampTimes(join(root, 'drive_c'), options.latest);
  const below = parent.chains.toReversed().map((chain) => layerFolders(context, chain).meta);
  await inheritMetadata(root, meta, below);
}

async function takeUpper({ upper = '', consume = false }: CommitOptions, root: string): Promise<void> {
  if (consume) {
    try {
      await rename(upper, root);
      return;
    } catch (error) {
      if (!isErrno(error, 'EXDEV')) throw error;
    }
  }
  await runCommand('cp', ['-a', '--reflink=auto', '-T', '--', upper, root], {
    env: englishEnvironment(),
    timeoutMs: 3_600_000,
  });
}

/** C: and the registry; Wine's other files at a prefix' root belong to this machine. */
async function keepOnlyContent(root: string): Promise<void> {
  for (const name of await readdir(root))
    if (name !== 'drive_c' && !name.endsWith('.reg')) await rm(join(root, name), { recursive: true, force: true });
  const drive = join(root, 'drive_c');
  await mkdir(drive, { recursive: true, mode: 0o755 });
  await chown(drive, containerOwner.uid, containerOwner.gid);
}
