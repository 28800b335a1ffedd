import { isErrorCode, WindowboxError } from '../errors/index.js';
import {
  type Descriptor,
  familiarReference,
  type ImageConfig,
  isForeignLayerType,
  type Manifest,
  parseManifest,
  parseReference,
} from '../oci/index.js';
import { fetchConfig, repositoryOf } from './fetch-manifest.js';
import { ancestorsOf } from './image-history.js';
import { readManifest } from './image-manifest.js';
import type { ImageRecord } from './image-records.js';
import type { Push } from './push-layer.js';
import type { Repository } from './registry/registry-client.js';
import type { StoreContext } from './store-context.js';

/** What an image stands on in the registries of others. */
export interface RealBase {
  readonly layers: readonly Descriptor[];
  /** Of the base image itself; undefined for an image that has all of it in its own config. */
  readonly config: ImageConfig | undefined;
  /** Repositories (`domain/path`) that have the layers. */
  readonly sources: readonly string[];
}

/** Of an image that was pulled: its manifest names Microsoft's layers, and its registry has or had them. */
export async function knownBase(context: StoreContext, record: ImageRecord): Promise<RealBase> {
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
export async function findRealBase(context: StoreContext, record: ImageRecord, push: Push): Promise<RealBase> {
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
      hint: `It must be readable from one of: ${names.join(', ') || 'no known place'}. Nothing but the manifest is downloaded. A copy of Microsoft's registry in your network is named by "microsoft-mirrors" in daemon.json.`,
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

function repositoryName(name: string): string {
  const { domain, path } = parseReference(name);
  return `${domain}/${path}`;
}
