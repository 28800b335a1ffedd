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
  const { target, report, options } = push;
  const id = shortId(layer.digest);
  if (await target.hasBlob(layer.digest, options.signal)) {
    report({ status: 'Layer already exists', progressDetail: {}, id });
    return;
  }
  for (const name of sources) {
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

/** A layer of the image's own, packed in the store. */
export async function pushLayer(context: StoreContext, push: Push, layer: Descriptor): Promise<void> {
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

function shortId(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 12);
}
