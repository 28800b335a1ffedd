import { isErrorCode, WindowboxError } from '../errors/index.js';
import {
  type Descriptor,
  familiarReference,
  formatReference,
  type ImageConfig,
  type ImageReference,
  isForeignLayerType,
  type Manifest,
  mediaTypes,
  parseManifest,
  parseReference,
  withDefaultTag,
} from '../oci/index.js';
import { descriptorOf, fetchConfig, repositoryOf } from './fetch-manifest.js';
import { ancestorsOf } from './image-history.js';
import { noSuchImage, readConfig } from './find-image.js';
import { formatManifest, packLayers, readManifest } from './image-manifest.js';
import type { ImageRecord } from './image-records.js';
import type { Repository } from './registry/registry-client.js';
import type { RegistrySettings } from './registry/registry-settings.js';
import type { StoreContext } from './store-context.js';
import type { PushOptions, Report } from './transfer.js';
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
    const ids = context.records.imagesNamed(formatReference(reference));
    if (ids.length === 0)
      throw new WindowboxError(
        'not-found',
        `An image does not exist locally with the tag: ${familiarReference({ ...reference, tag: '' }).replace(/:$/u, '')}`,
      );
    report({ status: `The push refers to repository [${reference.domain}/${reference.path}]` });
    const target = await repositoryOf(reference, { ...options, push: true });
    const push: Push = { target, reference, report, options };
    const pushed: PushedManifest[] = [];
    for (const id of ids) pushed.push(await pushOne(context, push, { id, tag: ids.length === 1 ? tag : undefined }));
    const top = ids.length === 1 ? pushed[0] : await pushIndex(push, { pushed, tag });
    if (!top) return;
    for (const id of ids) {
      const entry = { repository: `${reference.domain}/${reference.path}`, digest: top.digest, image: id };
      context.records.addDigest(entry);
      context.emit({ action: 'push', imageId: id, reference: familiarReference(reference) });
    }
    report({ status: `${tag}: digest: ${top.digest} size: ${String(top.size)}` });
    report({ status: '', aux: { Tag: tag, Digest: top.digest, Size: top.size } });
  });
}

interface Push {
  readonly target: Repository;
  readonly reference: ImageReference;
  readonly report: Report;
  readonly options: PushOptions & { readonly settings: RegistrySettings };
}

interface PushedManifest extends Descriptor {
  readonly config: ImageConfig;
}

async function pushOne(
  context: StoreContext,
  push: Push,
  { id, tag }: { id: string; tag: string | undefined },
): Promise<PushedManifest> {
  const record = context.records.find(id);
  if (!record) throw noSuchImage(id);
  const base = record.offline ? await findRealBase(context, record, push) : await knownBase(context, record);
  const own = await packLayers(context, record);
  const config = completeConfig(await readConfig(context, id), record, base);
  const configJson = config.changed ? JSON.stringify(config.value) : await context.content.readText(id);
  const configDescriptor = descriptorOf(configJson, mediaTypes.dockerConfig);
  for (const layer of base.layers) await copyBaseLayer(push, { layer, base });
  for (const layer of own) await pushLayer(context, push, layer);
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

interface RealBase {
  readonly layers: readonly Descriptor[];
  /** Of the base image itself; undefined for an image that has all of it in its own config. */
  readonly config: ImageConfig | undefined;
  /** Repositories (`domain/path`) that have the layers. */
  readonly sources: readonly string[];
}

/** Of an image that was pulled: its manifest names Microsoft's layers, and its registry has or had them. */
async function knownBase(context: StoreContext, record: ImageRecord): Promise<RealBase> {
  const layers = ((await readManifest(context, record))?.layers ?? []).slice(0, record.baseLayers);
  if (layers.length < record.baseLayers)
    throw new WindowboxError(
      'unavailable',
      `Cannot push "${record.id}": its manifest is not here, which names Microsoft's layers`,
      {
        hint: 'Pull the image again from its registry.',
      },
    );
  const sources = [
    ...[record.id, ...ancestorsOf(context, record.id)].flatMap((id) =>
      context.records.digestsOf(id).map(({ repository }) => repository),
    ),
    ...(context.bases.sources?.(record) ?? []).map((name) => repositoryName(name)),
  ];
  return { layers: layers.map(plainLayer), config: undefined, sources };
}

/** Foreign layers may be pushed since 2022, and registries no longer take them as foreign. */
function plainLayer({ mediaType, size, digest }: Descriptor): Descriptor {
  const plain = isForeignLayerType(mediaType)
    ? mediaType.replace('.foreign.', '.').replace('.nondistributable.', '.')
    : mediaType;
  return { mediaType: plain, size, digest };
}

/** For an image that was built here: asks Microsoft's registry what its base really consists of. */
async function findRealBase(context: StoreContext, record: ImageRecord, push: Push): Promise<RealBase> {
  const names = context.bases.sources?.(record) ?? [];
  let failure: unknown;
  for (const name of names) {
    try {
      return await readRealBase(record, { name, push });
    } catch (error) {
      if (!isErrorCode(error, 'not-found')) failure = error;
    }
  }
  throw new WindowboxError(
    'unavailable',
    `Cannot push "${familiarReference(push.reference)}": it was built offline, and the manifest of Microsoft's base for ${record.product} ${record.osVersion} is missing`,
    {
      hint: `It must be readable from one of: ${names.join(', ') || 'no known place'}. Nothing but the manifest is downloaded.`,
      cause: failure,
    },
  );
}

async function readRealBase(record: ImageRecord, { name, push }: { name: string; push: Push }): Promise<RealBase> {
  const reference = parseReference(name);
  const repository = await repositoryOf(reference, { settings: push.options.settings });
  const top = await repository.getManifest(reference.digest ?? reference.tag ?? 'latest', push.options.signal);
  const parsed = parseManifest(top.json, top.mediaType);
  const manifest =
    parsed.kind === 'manifest'
      ? parsed.manifest
      : await readBuild(repository, parsed.index.manifests, { record, push });
  return {
    layers: manifest.layers.map(plainLayer),
    config: await fetchConfig(repository, manifest.config, push.options.signal),
    sources: [repositoryName(name)],
  };
}

async function readBuild(
  repository: Repository,
  manifests: readonly Descriptor[],
  { record, push }: { record: ImageRecord; push: Push },
): Promise<Manifest> {
  const build = record.osVersion.split('.').slice(0, 3).join('.');
  const fits = manifests.find(({ platform }) => `${platform?.['os.version'] ?? ''}.`.startsWith(`${build}.`));
  if (!fits) throw new WindowboxError('not-found', `Cannot use "${repository.path}": it has no build ${build}`);
  const { json } = await repository.getManifest(fits.digest, push.options.signal);
  const parsed = parseManifest(json, fits.mediaType);
  if (parsed.kind === 'manifest') return parsed.manifest;
  throw new WindowboxError('unsupported', `Cannot use "${repository.path}": an index inside an index`);
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

async function copyBaseLayer(push: Push, { layer, base }: { layer: Descriptor; base: RealBase }): Promise<void> {
  const { target, report, options } = push;
  const id = shortId(layer.digest);
  if (await target.hasBlob(layer.digest, options.signal)) {
    report({ status: 'Layer already exists', progressDetail: {}, id });
    return;
  }
  for (const name of base.sources) {
    const reference = parseReference(name);
    if (reference.domain === target.domain && (await target.mountBlob(layer.digest, reference.path, options.signal))) {
      report({ status: `Mounted from ${reference.path}`, progressDetail: {}, id });
      return;
    }
    const source = await openSource(reference, layer, options);
    if (!source) continue;
    await putWithRetry(push, layer, source);
    return;
  }
  throw new WindowboxError(
    'unavailable',
    `Cannot push "${familiarReference(push.reference)}": the layer ${layer.digest} of Microsoft's base is missing in the target`,
    {
      hint: `It is copied from registry to registry, and none of these could give it: ${base.sources.join(', ') || 'no known place'}.`,
    },
  );
}

/** How to read a blob from another registry; undefined when that one does not have it or cannot be reached. */
async function openSource(
  reference: ImageReference,
  layer: Descriptor,
  { settings, signal }: Push['options'],
): Promise<(() => Promise<AsyncIterable<Uint8Array>>) | undefined> {
  try {
    const from = await repositoryOf(reference, { settings });
    if (!(await from.hasBlob(layer.digest, signal))) return undefined;
    return async () => (await from.getBlob(layer.digest, 0, signal)).body;
  } catch (error) {
    if (error instanceof WindowboxError && error.code !== 'cancelled') return undefined;
    throw error;
  }
}

async function pushLayer(context: StoreContext, push: Push, layer: Descriptor): Promise<void> {
  const id = shortId(layer.digest);
  push.report({ status: 'Preparing', progressDetail: {}, id });
  if (await push.target.hasBlob(layer.digest, push.options.signal)) {
    push.report({ status: 'Layer already exists', progressDetail: {}, id });
    return;
  }
  await putWithRetry(push, layer, async () => context.content.read(layer.digest));
}

async function putWithRetry(
  { target, report, options }: Push,
  layer: Descriptor,
  source: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<void> {
  const id = shortId(layer.digest);
  const onBytes = (current: number): void => {
    report({ status: 'Pushing', progressDetail: { current, total: layer.size }, id });
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await target.putBlob({ digest: layer.digest, size: layer.size, source, onBytes }, options.signal);
      report({ status: 'Pushed', progressDetail: {}, id });
      return;
    } catch (error) {
      if (attempt >= 3 || !isErrorCode(error, 'unavailable')) throw error;
    }
  }
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

function repositoryName(name: string): string {
  const { domain, path } = parseReference(name);
  return `${domain}/${path}`;
}

function shortId(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12);
}
