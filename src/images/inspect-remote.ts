import { type Descriptor, parseManifest, parseReference, type Platform, withDefaultTag } from '../oci/index.js';
import { baseImageConfig } from './base-image.js';
import { descriptorOf, fetchConfig, fetchManifest, platformOfDescriptor, repositoryOf } from './fetch-manifest.js';
import { platformOf } from './find-image.js';
import { countBaseLayers } from './recognise-base.js';
import type { Repository } from './registry/registry-client.js';
import type { RegistrySettings } from './registry/registry-settings.js';
import type { StoreContext } from './store-context.js';
import type { PullOptions } from './transfer.js';

/** What a registry has behind a name. */
export interface RemoteImage {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes of the manifest or index itself. */
  readonly size: number;
  readonly builds: readonly RemoteBuild[];
}

/** One build of an image: an index has several. */
export interface RemoteBuild {
  readonly platform: Platform;
  /** Of its manifest. */
  readonly digest: string;
  readonly sizes?: RemoteSizes;
}

/** Packed bytes. */
export interface RemoteSizes {
  /** All layers, Microsoft's among them. */
  readonly total: number;
  /** What a pull downloads here: the layers above Microsoft's base. */
  readonly own: number;
}

export interface InspectRemoteOptions extends Pick<PullOptions, 'credentials' | 'signal'> {
  /** Also ask for each build's manifest and config. */
  readonly sizes?: boolean;
}

/**
 * Asks a registry what is behind a name; no layer is downloaded, nothing is stored. A base image's name is answered by our own base,
 * without a network.
 *
 * @throws WindowboxError `not-found`, `unauthenticated`, `permission-denied`, `unavailable`, `data-loss`.
 */
export async function inspectRemote(
  context: Pick<StoreContext, 'bases'>,
  text: string,
  options: InspectRemoteOptions & { readonly settings: RegistrySettings },
): Promise<RemoteImage> {
  const reference = withDefaultTag(parseReference(text));
  const base = context.bases.find(reference);
  if (base) {
    const config = baseImageConfig(base);
    const { digest, size } = descriptorOf(JSON.stringify(config), '');
    const build = { platform: platformOf(config), digest, sizes: { total: 0, own: 0 } };
    return { mediaType: '', digest, size, builds: [build] };
  }
  const repository = await repositoryOf(reference, options);
  const top = await fetchManifest(repository, reference.digest ?? reference.tag ?? '', options.signal);
  const parsed = parseManifest(top.json, top.mediaType);
  const builds: RemoteBuild[] = [];
  if (parsed.kind === 'manifest') builds.push(await inspectBuild(repository, top, options));
  else
    for (const entry of parsed.index.manifests.filter(isImage))
      builds.push(await inspectEntry(repository, entry, options));
  return { ...descriptorOf(top.json, top.mediaType), builds };
}

async function inspectEntry(
  repository: Repository,
  entry: Descriptor,
  options: InspectRemoteOptions,
): Promise<RemoteBuild> {
  const platform = platformOfDescriptor(entry);
  if (options.sizes !== true || platform.os !== 'windows') return { platform, digest: entry.digest };
  const { sizes } = await inspectBuild(
    repository,
    await fetchManifest(repository, entry.digest, options.signal),
    options,
  );
  return { platform, digest: entry.digest, ...(sizes ? { sizes } : {}) };
}

async function inspectBuild(
  repository: Repository,
  { json, digest, mediaType }: { readonly json: string; readonly digest: string; readonly mediaType: string },
  { signal }: InspectRemoteOptions,
): Promise<RemoteBuild> {
  const parsed = parseManifest(json, mediaType);
  if (parsed.kind !== 'manifest') return { platform: { os: 'unknown', architecture: 'unknown' }, digest };
  const config = await fetchConfig(repository, parsed.manifest.config, signal);
  const { layers } = parsed.manifest;
  const sum = (some: readonly Descriptor[]): number => some.reduce((total, { size }) => total + size, 0);
  const sizes = { total: sum(layers), own: sum(layers.slice(countBaseLayers(config, parsed.manifest))) };
  return { platform: platformOf(config), digest, sizes };
}

/** Attestations stand in an index as entries for an unknown platform. */
function isImage({ platform }: Descriptor): boolean {
  return platform?.os !== 'unknown';
}
