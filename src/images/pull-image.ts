import { WindowboxError } from '../errors/index.js';
import {
  type Descriptor,
  familiarReference,
  formatReference,
  type ImageReference,
  parseImageConfig,
  parseReference,
  withDefaultTag,
} from '../oci/index.js';
import { addImage, type ImagePlan, type LayerSource, type PlannedLayer, planImage } from './add-image.js';
import { addBaseImage } from './base-image.js';
import { maxConfig, repositoryOf } from './fetch-manifest.js';
import { platformMismatch, platformOf, readConfig, wantedPlatform } from './find-image.js';
import type { PackedFile } from './packed-file.js';
import type { Repository } from './registry/registry-client.js';
import type { RegistrySettings } from './registry/registry-settings.js';
import { type Download, shareDownload } from './registry/share-download.js';
import { tooManyAtOnce } from './registry/limit.js';
import { type Selected, selectManifest } from './select-manifest.js';
import type { StoreContext } from './store-context.js';
import type { PullOptions, Report } from './transfer.js';
import { withRoom } from './with-room.js';

/**
 * Gets an image from its registry: without Microsoft's layers, whose place Windowbox's own base takes. A base image itself needs
 * no network. Answers the image's id.
 *
 * @throws WindowboxError `not-found`, `unauthenticated`, `unavailable`, `data-loss`, and what the host's rules refuse.
 */
export async function pullImage(
  context: StoreContext,
  text: string,
  options: PullOptions & { readonly settings: RegistrySettings },
): Promise<string> {
  const reference = withDefaultTag(parseReference(text));
  const report = options.report ?? (() => {});
  const label = reference.tag ?? reference.digest ?? '';
  const begin = (): void => {
    report({ status: `Pulling from ${reference.path}`, id: label });
  };
  return withRoom(context, `Cannot pull "${familiarReference(reference)}"`, async (needs) => {
    const base = context.bases.find(reference);
    if (base) begin();
    if (base) {
      context.admit({ os: 'windows', architecture: 'amd64', osVersion: base.osVersion }, wantedPlatform(options));
      const id = await pullBase(context, reference, { base, report });
      await warnOfPlatform(context, { id, reference, options });
      return id;
    }
    const repository = await repositoryOf(reference, options);
    const selected = await selectManifest(context, { repository, reference, options });
    begin();
    const before = reference.tag === undefined ? [] : context.records.imagesNamed(formatReference(reference));
    const id = await fetchImage(context, { repository, selected, options, report, needs });
    context.records.transaction(() => {
      if (reference.tag !== undefined) context.records.setName(formatReference(reference), [id], Date.now());
      const entry = { repository: `${reference.domain}/${reference.path}`, digest: selected.topDigest, image: id };
      context.records.addDigest(entry);
    });
    context.emit({ action: 'pull', imageId: id, reference: familiarReference(reference) });
    report({ status: `Digest: ${selected.topDigest}` });
    report({ status: statusOf(before.includes(id), reference) });
    await warnOfPlatform(context, { id, reference, options });
    return id;
  });
}

/** A name that is one image gives that image, whatever platform was asked for: as Docker, with its warning. */
async function warnOfPlatform(
  context: StoreContext,
  { id, reference, options }: { id: string; reference: ImageReference; options: PullOptions },
): Promise<void> {
  const actual = platformOf(await readConfig(context, id));
  const mismatch = platformMismatch(actual, formatReference(reference), wantedPlatform(options));
  if (mismatch) options.report?.({ status: `WARNING: ${mismatch.message}` });
}

async function pullBase(
  context: StoreContext,
  reference: ImageReference,
  { base, report }: { base: Parameters<typeof addBaseImage>[1]; report: Report },
): Promise<string> {
  const name = formatReference(reference);
  const before = context.records.imagesNamed(name);
  const id = await addBaseImage(context, base);
  if (reference.tag !== undefined) context.records.setName(name, [id], Date.now());
  await context.bases.ensure(base);
  context.emit({ action: 'pull', imageId: id, reference: familiarReference(reference) });
  report({
    status: `Windowbox's own base for ${base.product} ${base.osVersion}, made from Wine: nothing is downloaded`,
  });
  report({ status: statusOf(before.includes(id), reference) });
  return id;
}

function statusOf(known: boolean, reference: ImageReference): string {
  const shown = familiarReference(reference);
  return known ? `Status: Image is up to date for ${shown}` : `Status: Downloaded newer image for ${shown}`;
}

interface FetchOptions {
  readonly repository: Repository;
  readonly selected: Selected;
  readonly options: PullOptions;
  readonly report: Report;
  /** Hears how many packed bytes are to come. */
  readonly needs: (bytes: number) => void;
}

async function fetchImage(context: StoreContext, fetch: FetchOptions): Promise<string> {
  const { manifest } = fetch.selected;
  const id = manifest.config.digest;
  if (manifest.config.size > maxConfig)
    throw new WindowboxError(
      'invalid-argument',
      `Cannot pull "${id}": its config has ${String(manifest.config.size)} bytes, more than ${String(maxConfig)}`,
    );
  await download(context, fetch, manifest.config).finished;
  const config = parseImageConfig(await context.content.readText(id), id);
  context.admit(platformOf(config), wantedPlatform(fetch.options));
  const plan = planImage(id, config, manifest);
  reportBase(plan, fetch.report);
  const manifestDigest = await context.content.addText(fetch.selected.json);
  await fetchLayers(context, plan, { ...fetch, manifestDigest });
  return id;
}

/** All layers download at once, a few at a time; they unpack in order, each while it comes. */
async function fetchLayers(
  context: StoreContext,
  plan: ImagePlan,
  fetch: FetchOptions & { readonly manifestDigest: string },
): Promise<void> {
  const { report } = fetch;
  const limit = tooManyAtOnce(3);
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(fetch.options.signal ? [fetch.options.signal] : [])]);
  const stoppable = { ...fetch, options: { ...fetch.options, signal } };
  const missing = plan.layers.filter(({ chain }) => !context.records.layer(chain));
  fetch.needs(missing.reduce((sum, { descriptor }) => sum + descriptor.size, 0));
  const downloads = new Map<string, Promise<Download>>();
  for (const { descriptor } of missing) {
    report({ status: 'Pulling fs layer', progressDetail: {}, id: shortId(descriptor.digest) });
    if (!downloads.has(descriptor.digest))
      downloads.set(
        descriptor.digest,
        limit(() => startLayer(context, stoppable, descriptor)),
      );
  }
  const source: LayerSource = {
    open: (layer) => openLayer(layer, downloads),
    onLayer: ({ descriptor }, state) => {
      report({ status: layerStates[state], progressDetail: {}, id: shortId(descriptor.digest) });
    },
  };
  try {
    await addImage(context, plan, { manifest: fetch.manifestDigest, source });
  } catch (error) {
    failed.abort();
    // What still runs writes into the store: it ends before this act does.
    await Promise.allSettled([...downloads.values()].map(async (pending) => (await pending).finished));
    throw error;
  }
}

function startLayer(
  context: StoreContext,
  fetch: FetchOptions,
  descriptor: Descriptor,
): { value: Download; done: Promise<void> } {
  const id = shortId(descriptor.digest);
  let told = 0;
  const value = download(context, fetch, descriptor, (current) => {
    if (current - told < 1 << 19 && current < descriptor.size) return;
    told = current;
    fetch.report({ status: 'Downloading', progressDetail: { current, total: descriptor.size }, id });
  });
  const done = value.finished.then(() => {
    fetch.report({ status: 'Download complete', progressDetail: {}, id });
  });
  return { value, done };
}

function openLayer(
  layer: PlannedLayer,
  downloads: ReadonlyMap<string, Promise<Download>>,
): { file: PackedFile; verified: Promise<void> } {
  const pending = downloads.get(layer.descriptor.digest);
  if (!pending)
    throw new WindowboxError('internal', `Cannot unpack layer "${layer.descriptor.digest}": it was not asked for`);
  const verified = pending.then(async ({ finished }) => finished);
  verified.catch(() => {});
  const file: PackedFile = {
    size: layer.descriptor.size,
    open: async () => (await pending).file.open(),
    more: async (length) => (await pending).file.more(length),
  };
  return { file, verified };
}

function download(
  context: StoreContext,
  { repository, options, selected }: FetchOptions,
  descriptor: Descriptor,
  onBytes?: (current: number) => void,
): Download {
  return shareDownload({
    content: context.content,
    digest: descriptor.digest,
    size: descriptor.size,
    // Layers are synced all at once before they are recorded: a sync of each would wait for what is unpacked meanwhile.
    sync: descriptor.digest === selected.manifest.config.digest,
    fetch: async (offset, signal) => repository.getBlob(descriptor.digest, offset, signal),
    ...(options.signal ? { signal: options.signal } : {}),
    ...(onBytes ? { onBytes } : {}),
  });
}

function reportBase({ baseLayers, base, offline }: ImagePlan, report: Report): void {
  if (baseLayers === 0 || offline) return;
  const count = baseLayers === 1 ? 'layer' : `${String(baseLayers)} layers`;
  report({
    status: `Microsoft's ${count} left out: Windowbox's base for ${base.product} ${base.osVersion} takes the place`,
  });
}

function shortId(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12);
}

const layerStates = { exists: 'Already exists', begins: 'Extracting', done: 'Pull complete' } as const;
