import { isErrorCode, WindowboxError } from '../errors/index.js';
import { type Descriptor, familiarReference, type ImageReference, parseReference } from '../oci/index.js';
import { repositoryOf } from './fetch-manifest.js';
import type { Repository } from './registry/registry-client.js';
import type { RegistrySettings } from './registry/registry-settings.js';
import type { StoreContext } from './store-context.js';
import type { PushOptions, Report } from './transfer.js';

/** A push under way. */
export interface Push {
  readonly target: Repository;
  readonly reference: ImageReference;
  readonly report: Report;
  readonly options: PushOptions & { readonly settings: RegistrySettings };
}

/**
 * Sees to it that the target has a layer of the base: it has it, mounts it, or gets it from a registry.
 *
 * @throws WindowboxError `unavailable` when none of the sources (`domain/path`) can give it.
 */
export async function copyBaseLayer(
  push: Push,
  { layer, sources }: { readonly layer: Descriptor; readonly sources: readonly string[] },
): Promise<void> {
  if (await isThere(push, layer)) return;
  for (const name of sources) {
    const reference = parseReference(name);
    if (await isMounted(push, layer, reference)) return;
    const source = await openSource(reference, layer, push.options);
    if (!source) continue;
    await putWithRetry(push, layer, source);
    return;
  }
  throw new WindowboxError(
    'unavailable',
    `Cannot push "${familiarReference(push.reference)}": the layer ${layer.digest} of Microsoft's base is missing in the target`,
    {
      hint: `It is copied from registry to registry, and none of these could give it: ${sources.join(', ') || 'no known place'}.`,
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

/** A layer of the image's own, packed in the store; `sources` (`domain/path`) of the target's registry may have it too. */
export async function pushLayer(
  context: StoreContext,
  push: Push,
  { layer, sources }: { readonly layer: Descriptor; readonly sources: readonly string[] },
): Promise<void> {
  push.report({ status: 'Preparing', progressDetail: {}, id: shortId(layer.digest) });
  if (await isThere(push, layer)) return;
  for (const name of sources) if (await isMounted(push, layer, parseReference(name))) return;
  await putWithRetry(push, layer, async () => context.content.read(layer.digest));
}

async function isThere({ target, report, options }: Push, layer: Descriptor): Promise<boolean> {
  if (!(await target.hasBlob(layer.digest, options.signal))) return false;
  report({ status: 'Layer already exists', progressDetail: {}, id: shortId(layer.digest) });
  return true;
}

/** A login that may not read the other repository is no reason not to send the bytes. */
async function isMounted(
  { target, report, options }: Push,
  layer: Descriptor,
  from: Pick<ImageReference, 'domain' | 'path'>,
): Promise<boolean> {
  if (from.domain !== target.domain) return false;
  try {
    if (!(await target.mountBlob(layer.digest, from.path, options.signal))) return false;
  } catch (error) {
    if (error instanceof WindowboxError && error.code !== 'cancelled') return false;
    throw error;
  }
  report({ status: `Mounted from ${from.path}`, progressDetail: {}, id: shortId(layer.digest) });
  return true;
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
      // A broken connection may have lost no more than the answer.
      const isTaken = attempt > 1 && (await target.hasBlob(layer.digest, options.signal));
      if (!isTaken) await target.putBlob({ digest: layer.digest, size: layer.size, source, onBytes }, options.signal);
      report({ status: 'Pushed', progressDetail: {}, id });
      return;
    } catch (error) {
      if (attempt >= 3 || !isErrorCode(error, 'unavailable')) throw error;
    }
  }
}

function shortId(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12);
}
