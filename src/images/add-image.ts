import { type Descriptor, type ImageConfig, layerCompression, type Manifest } from '../oci/index.js';
import { WindowboxError } from '../errors/index.js';
import { chainIds, placeholderDiff } from './base-image.js';
import type { LayerRecord } from './image-records.js';
import { recordLayers } from './record-layers.js';
import { baseOfImage, countBaseLayers } from './recognise-base.js';
import { layerFolders, type StoreContext } from './store-context.js';
import type { PackedFile } from './packed-file.js';
import type { Base } from './types.js';
import { unpackLayer } from './unpack-layer.js';

/** An image from outside, before its layers are here: what is Microsoft's in it, and what is to be fetched. */
export interface ImagePlan {
  readonly id: string;
  readonly config: ImageConfig;
  readonly manifest: Manifest;
  readonly base: Base;
  readonly baseLayers: number;
  readonly offline: boolean;
  /** Above the base, lowest first. */
  readonly layers: readonly PlannedLayer[];
}

export interface PlannedLayer {
  readonly descriptor: Descriptor;
  readonly diff: string;
  readonly chain: string;
}

/** @throws WindowboxError `invalid-argument` when manifest and config contradict each other, or the image is not for Windows. */
export function planImage(id: string, config: ImageConfig, manifest: Manifest): ImagePlan {
  if (config.os !== 'windows')
    throw new WindowboxError(
      'invalid-argument',
      `image operating system "${config.os}" cannot be used on this platform: operating system is not supported`,
    );
  if (manifest.layers.length !== config.rootfs.diff_ids.length)
    throw new WindowboxError(
      'invalid-argument',
      `Cannot use image "${id}": ${String(manifest.layers.length)} layers, ${String(config.rootfs.diff_ids.length)} in its config`,
    );
  const found = countBaseLayers(config, manifest);
  checkDepth(manifest.layers.length - found);
  const base = baseOfImage(config, manifest.layers.slice(0, found));
  const offline = config.rootfs.diff_ids[0] === placeholderDiff(base);
  const baseLayers = offline ? 1 : found;
  const diffs = config.rootfs.diff_ids.slice(baseLayers);
  const chains = chainIds(base, diffs);
  const layers = manifest.layers.slice(baseLayers).map((descriptor, index) => ({
    descriptor,
    diff: diffs[index] ?? '',
    chain: chains[index] ?? '',
  }));
  return { id, config, manifest, base, baseLayers, offline, layers };
}

/**
 * Each layer is one more folder that every look-up of a file goes through.
 *
 * @throws WindowboxError `invalid-argument` in Docker's words, with Docker's limit.
 */
export function checkDepth(ownLayers: number): void {
  if (ownLayers <= maxDepth) return;
  throw new WindowboxError('invalid-argument', 'max depth exceeded', {
    hint: `An image may have ${String(maxDepth)} layers above its base: make fewer steps of its build, or flatten it with "export" and "import".`,
  });
}

const maxDepth = 125;

export interface LayerSource {
  /** The packed bytes of a layer; called in order, lowest first, and only for layers that are not here. */
  open(layer: PlannedLayer): { readonly file: PackedFile; readonly verified: Promise<void> };
  readonly onLayer?: (layer: PlannedLayer, state: 'exists' | 'begins' | 'done') => void;
}

/**
 * Unpacks what is missing of an image and makes it visible, all at once at the end. The config must be in the content store.
 * `manifest`: the digest of its manifest there, or empty.
 */
export async function addImage(
  context: StoreContext,
  plan: ImagePlan,
  options: { source: LayerSource; manifest: string },
): Promise<void> {
  const { lower } = await context.bases.ensure(plan.base);
  const parents = [...lower];
  const added: LayerRecord[] = [];
  let size = 0;
  for (const layer of plan.layers) {
    const record =
      context.records.layer(layer.chain) ?? (await unpackOne(context, { layer, parents, source: options.source }));
    if (context.records.layer(layer.chain)) options.source.onLayer?.(layer, 'exists');
    added.push(record);
    size += record.size;
    parents.unshift(layerFolders(context, layer.chain).root);
  }
  context.records.transaction(() => {
    recordLayers(context, added);
    context.records.put({
      id: plan.id,
      product: plan.base.product,
      osVersion: plan.base.osVersion,
      baseLayers: plan.baseLayers,
      offline: plan.offline,
      manifest: options.manifest,
      parent: '',
      size,
      taggedAt: 0,
      hidden: false,
      chains: plan.layers.map(({ chain }) => chain),
    });
  });
}

async function unpackOne(
  context: StoreContext,
  { layer, parents, source }: { layer: PlannedLayer; parents: readonly string[]; source: LayerSource },
): Promise<LayerRecord> {
  const packing = layerCompression(layer.descriptor.mediaType);
  if (packing === undefined)
    throw new WindowboxError(
      'unsupported',
      `Cannot unpack layer "${layer.descriptor.digest}": unknown type "${layer.descriptor.mediaType}"`,
    );
  const { file, verified } = source.open(layer);
  source.onLayer?.(layer, 'begins');
  const record = await unpackLayer(context, {
    chain: layer.chain,
    diff: layer.diff,
    blob: layer.descriptor.digest,
    packing,
    file,
    parents: [...parents],
    verified,
  });
  source.onLayer?.(layer, 'done');
  return record;
}
