import { gzipSync } from 'node:zlib';
import {
  type Descriptor,
  formatReference,
  isForeignLayerType,
  mediaTypes,
  parseReference,
  withDefaultTag,
} from '../oci/index.js';
import { createDeferred, tarEnd, tarHeader, tarPadding } from '../platform/index.js';
import { placeholderLayer } from './base-image.js';
import { localIds, noSuchImage, readConfig } from './find-image.js';
import { formatManifest, packLayers, readManifest } from './image-manifest.js';
import type { ImageRecord } from './image-records.js';
import type { StoreContext } from './store-context.js';
import { withRoom } from './with-room.js';

/**
 * The images as one archive, an OCI layout that also has the files of `docker save`. Microsoft's layers are not in it: they are
 * not on this machine; whoever loads it with Windowbox needs none of them.
 *
 * @throws WindowboxError `not-found` before the first byte.
 */
export async function saveImages(context: StoreContext, texts: readonly string[]): Promise<AsyncIterable<Uint8Array>> {
  const wanted = new Map<string, Set<string>>();
  for (const text of texts) {
    const ids = localIds(context, text);
    if (ids.length === 0) throw noSuchImage(text);
    for (const id of ids) {
      const names = wanted.get(id) ?? new Set();
      wanted.set(id, names);
      if (!id.includes(text.replace('sha256:', ''))) names.add(text);
    }
  }
  const prepareAll = async (): Promise<readonly SavedImage[]> => {
    const images: SavedImage[] = [];
    for (const [id, names] of wanted) images.push(await prepare(context, id, [...names]));
    return images;
  };
  await withRoom(context, 'Cannot save images', prepareAll);
  return whileHeld(context, async () => archive(context, await prepareAll()));
}

/** Reading may take long, or never begin: an act from the first byte to the last, so that no sweep takes away what is still to be read. */
async function* whileHeld(
  context: StoreContext,
  open: () => Promise<AsyncIterable<Uint8Array>>,
): AsyncGenerator<Uint8Array> {
  const [begun, ended] = [createDeferred<void>(), createDeferred<void>()];
  const act = context.work.during(async () => {
    begun.resolve();
    await ended.promise;
  });
  await begun.promise;
  try {
    yield* await open();
  } finally {
    ended.resolve();
    await act;
  }
}

interface SavedImage {
  readonly id: string;
  readonly names: readonly string[];
  readonly manifest: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly blobs: readonly string[];
  readonly osVersion: string;
}

async function prepare(context: StoreContext, id: string, names: readonly string[]): Promise<SavedImage> {
  const record = context.records.find(id);
  if (!record) throw noSuchImage(id);
  const own = await packLayers(context, record);
  const base = record.offline ? [await placeholder(context, record)] : await baseLayers(context, record);
  const layers = [...base, ...own];
  const size = await context.content.size(id);
  const known = await readManifest(context, record);
  const manifest =
    known?.config.digest === id
      ? await context.content.readText(record.manifest)
      : formatManifest({ mediaType: mediaTypes.dockerConfig, digest: id, size }, layers).json;
  const digest = await context.content.addText(manifest);
  const blobs = [
    id,
    digest,
    ...own.map((layer) => layer.digest),
    ...(record.offline ? base.map((layer) => layer.digest) : []),
  ];
  return {
    id,
    names: names.map((name) => formatReference(withDefaultTag(parseReference(name)))),
    manifest: {
      mediaType: (known?.config.digest === id ? known.mediaType : undefined) ?? mediaTypes.dockerManifest,
      digest,
      size: Buffer.byteLength(manifest),
    },
    layers,
    blobs,
    osVersion: (await readConfig(context, id))['os.version'] ?? '',
  };
}

async function placeholder(context: StoreContext, record: ImageRecord): Promise<Descriptor> {
  const bytes = gzipSync(placeholderLayer(record));
  const added = await context.content.add(bytesOf(bytes));
  return { mediaType: mediaTypes.dockerLayerGzip, digest: added.digest, size: added.size };
}

async function baseLayers(context: StoreContext, record: ImageRecord): Promise<readonly Descriptor[]> {
  return ((await readManifest(context, record))?.layers ?? []).slice(0, record.baseLayers);
}

async function* archive(context: StoreContext, images: readonly SavedImage[]): AsyncGenerator<Uint8Array> {
  yield* textFile('oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  yield* textFile('index.json', JSON.stringify(indexOf(images)));
  yield* textFile('manifest.json', JSON.stringify(images.map(dockerEntry)));
  for (const name of ['blobs', 'blobs/sha256']) yield tarHeader({ name, type: 'folder' });
  for (const digest of new Set(images.flatMap(({ blobs }) => blobs))) {
    const size = await context.content.size(digest);
    yield tarHeader({ name: blobName(digest), type: 'file', size });
    for await (const chunk of context.content.read(digest)) if (chunk instanceof Uint8Array) yield chunk;
    yield tarPadding(size);
  }
  yield tarEnd;
}

function indexOf(images: readonly SavedImage[]): object {
  const entries = images.flatMap((image) => {
    const names = image.names.length === 0 ? [undefined] : image.names;
    return names.map((name) => ({
      ...image.manifest,
      platform: {
        os: 'windows',
        architecture: 'amd64',
        ...(image.osVersion === '' ? {} : { 'os.version': image.osVersion }),
      },
      ...(name === undefined
        ? {}
        : {
            annotations: {
              'io.containerd.image.name': name,
              'org.opencontainers.image.ref.name': name.replace(/^.*:/u, ''),
            },
          }),
    }));
  });
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: entries };
}

function dockerEntry({ id, names, layers }: SavedImage): object {
  const foreign = layers.filter(({ mediaType }) => isForeignLayerType(mediaType));
  return {
    Config: blobName(id),
    RepoTags: names.length === 0 ? null : names.map((name) => name.replace(/^docker\.io\/(?:library\/)?/u, '')),
    Layers: layers.map(({ digest }) => blobName(digest)),
    ...(foreign.length === 0
      ? {}
      : { LayerSources: Object.fromEntries(foreign.map((layer) => [layer.digest, layer])) }),
  };
}

function* textFile(name: string, text: string): Generator<Uint8Array> {
  const bytes = Buffer.from(text);
  yield tarHeader({ name, type: 'file', size: bytes.length });
  yield bytes;
  yield tarPadding(bytes.length);
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

async function* bytesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
