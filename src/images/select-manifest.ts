import { WindowboxError } from '../errors/index.js';
import { familiarReference, type ImageReference, type Manifest, parseManifest } from '../oci/index.js';
import { fetchManifest, platformOfDescriptor } from './fetch-manifest.js';
import { wantedPlatform } from './find-image.js';
import { noMatchingManifest } from './no-matching-manifest.js';
import type { Repository } from './registry/registry-client.js';
import type { StoreContext } from './store-context.js';
import type { PullOptions } from './transfer.js';

/** The one image that a pull takes. */
export interface Selected {
  readonly json: string;
  readonly digest: string;
  readonly manifest: Manifest;
  /** Of what the name itself points at: the index, where there is one. */
  readonly topDigest: string;
}

/**
 * Reads what a name points at; of an index the build that suits the host, or the platform that was asked for.
 *
 * @throws WindowboxError `not-found` with Docker's text when there is none.
 */
export async function selectManifest(
  context: StoreContext,
  from: { repository: Repository; reference: ImageReference; options: PullOptions },
): Promise<Selected> {
  const { repository, reference, options } = from;
  const top = await fetchManifest(repository, reference.digest ?? reference.tag ?? '', options.signal);
  const parsed = parseManifest(top.json, top.mediaType);
  if (parsed.kind === 'manifest')
    return { json: top.json, digest: top.digest, manifest: parsed.manifest, topDigest: top.digest };
  const wanted = wantedPlatform(options);
  const candidates = parsed.index.manifests.filter(({ platform }) => platform && platform.os !== 'unknown');
  const choice = context.choose(candidates.map(platformOfDescriptor), wanted);
  if (typeof choice !== 'number') throw noMatchingManifest(reference, candidates, choice);
  const chosen = candidates[choice];
  if (!chosen) throw new RangeError(`No build ${String(choice)} of ${String(candidates.length)}`);
  const inner = await fetchManifest(repository, chosen.digest, options.signal);
  const manifest = parseManifest(inner.json, chosen.mediaType);
  if (manifest.kind !== 'manifest')
    throw new WindowboxError('unsupported', `Cannot pull "${familiarReference(reference)}": an index inside an index`);
  return { json: inner.json, digest: inner.digest, manifest: manifest.manifest, topDigest: top.digest };
}
