import { WindowboxError } from '../errors/index.js';
import {
  type Descriptor,
  familiarReference,
  formatReference,
  type ImageConfig,
  isForeignLayerType,
  mediaTypes,
  parseReference,
  withDefaultTag,
} from '../oci/index.js';
import { descriptorOf, repositoryOf } from './fetch-manifest.js';
import { readConfig } from './find-image.js';
import { findRealBase, knownBase, type RealBase } from './find-real-base.js';
import { mountSources } from './mount-sources.js';
import { formatManifest, packLayers, readManifest } from './image-manifest.js';
import type { ImageRecord } from './image-records.js';
import { copyBaseLayer, type Push, pushLayer } from './push-layer.js';
import type { RegistrySettings } from './registry/registry-settings.js';
import type { StoreContext } from './store-context.js';
import type { PushOptions } from './transfer.js';
import { withRoom } from './with-room.js';

/**
 * Pushes what a name stands for: one image, or several builds as an index. Microsoft's layers are copied from registry to registry,
 * or left where the target has them already; they never lie on this machine.
 *
 * @throws WindowboxError `not-found`, `unauthenticated`, `permission-denied`, `unavailable` when Microsoft's layers are needed and
 * cannot be reached.
 */
export async function pushImage(
  context: StoreContext,
  text: string,
  options: PushOptions & { readonly settings: RegistrySettings },
): Promise<void> {
  const reference = withDefaultTag(parseReference(text));
  const { tag } = reference;
  if (tag === undefined) throw new WindowboxError('invalid-argument', 'cannot push a digest reference');
  const report = options.report ?? (() => {});
  await withRoom(context, `Cannot push "${familiarReference(reference)}"`, async () => {
    // What is removed meanwhile is pushed whole: its content stays until this act has ended.
    const records = context.records
      .imagesNamed(formatReference(reference))
      .map((id) => context.records.find(id))
      .filter((record) => record !== undefined);
    if (records.length === 0)
      throw new WindowboxError(
        'not-found',
        `An image does not exist locally with the tag: ${familiarReference({ ...reference, tag: '' }).replace(/:$/u, '')}`,
      );
    report({ status: `The push refers to repository [${reference.domain}/${reference.path}]` });
    const target = await repositoryOf(reference, { ...options, push: true });
    const push: Push = { target, reference, report, options };
    const pushed: PushedManifest[] = [];
    const isOne = records.length === 1;
    for (const record of records) pushed.push(await pushOne(context, push, { record, tag: isOne ? tag : undefined }));
    const top = isOne ? pushed[0] : await pushIndex(push, { pushed, tag });
    if (!top) return;
    for (const { id } of records) {
      const entry = { repository: `${reference.domain}/${reference.path}`, digest: top.digest, image: id };
      if (context.records.find(id)) context.records.addDigest(entry);
      context.emit({ action: 'push', imageId: id, reference: familiarReference(reference) });
    }
    report({ status: `${tag}: digest: ${top.digest} size: ${String(top.size)}` });
    report({ status: '', aux: { Tag: tag, Digest: top.digest, Size: top.size } });
  });
}

interface PushedManifest extends Descriptor {
  readonly config: ImageConfig;
}

async function pushOne(
  context: StoreContext,
  push: Push,
  { record, tag }: { record: ImageRecord; tag: string | undefined },
): Promise<PushedManifest> {
  const base = record.offline ? await findRealBase(context, record, push) : await knownBase(context, record);
  const own = await packLayers(context, record);
  const config = completeConfig(await readConfig(context, record.id), record, base);
  const configJson = config.changed ? JSON.stringify(config.value) : await context.content.readText(record.id);
  const configDescriptor = descriptorOf(configJson, mediaTypes.dockerConfig);
  const mounts = mountSources(context, record, push.target);
  const sources = [...new Set([...mounts.base, ...base.sources])];
  for (const layer of base.layers) await copyBaseLayer(push, { layer, sources });
  for (const layer of own) await pushLayer(context, push, { layer, sources: mounts.own });
  await push.target.putBlob({ ...configDescriptor, source: async () => bytesOf(configJson) }, push.options.signal);

  const manifest = await manifestFor(context, record, { config: configDescriptor, layers: [...base.layers, ...own] });
  const descriptor = descriptorOf(manifest.json, manifest.mediaType);
  await push.target.putManifest(tag ?? descriptor.digest, manifest, push.options.signal);
  return { ...descriptor, config: config.value };
}

/** Byte for byte what it was pulled as, where nothing differs; else a new one. */
async function manifestFor(
  context: StoreContext,
  record: ImageRecord,
  parts: { config: Descriptor; layers: readonly Descriptor[] },
): Promise<{ json: string; mediaType: string }> {
  const known = await readManifest(context, record);
  const same =
    known &&
    known.config.digest === parts.config.digest &&
    known.layers.map(({ digest }) => digest).join() === parts.layers.map(({ digest }) => digest).join() &&
    !known.layers.some(({ mediaType }) => isForeignLayerType(mediaType));
  if (same)
    return {
      json: await context.content.readText(record.manifest),
      mediaType: known.mediaType ?? mediaTypes.ociManifest,
    };
  return formatManifest(parts.config, parts.layers);
}

/** The real layers and history in the place of the one that stood for them; the version becomes theirs. */
function completeConfig(
  config: ImageConfig,
  record: ImageRecord,
  base: RealBase,
): { value: ImageConfig; changed: boolean } {
  if (!record.offline || !base.config) return { value: config, changed: false };
  const real = base.config;
  const ownHistory = (config.history ?? []).slice(1);
  const { 'os.features': features } = real;
  return {
    changed: true,
    value: {
      ...config,
      ...(real['os.version'] ? { 'os.version': real['os.version'] } : {}),
      ...(features ? { 'os.features': features } : {}),
      rootfs: { ...config.rootfs, diff_ids: [...real.rootfs.diff_ids, ...config.rootfs.diff_ids.slice(1)] },
      history: [...(real.history ?? []), ...ownHistory],
    },
  };
}

/** An index with each build's version, which is what Windows hosts choose by. */
async function pushIndex(
  push: Push,
  { pushed, tag }: { pushed: readonly PushedManifest[]; tag: string },
): Promise<Descriptor> {
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.dockerIndex,
    manifests: pushed.map(({ mediaType, size, digest, config }) => ({
      mediaType,
      size,
      digest,
      platform: {
        architecture: config.architecture,
        os: config.os,
        ...(config['os.version'] ? { 'os.version': config['os.version'] } : {}),
        ...(config['os.features'] ? { 'os.features': config['os.features'] } : {}),
      },
    })),
  };
  const json = JSON.stringify(index, null, 3);
  await push.target.putManifest(tag, { json, mediaType: index.mediaType }, push.options.signal);
  return descriptorOf(json, index.mediaType);
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
