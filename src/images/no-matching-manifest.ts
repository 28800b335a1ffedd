import { WindowboxError } from '../errors/index.js';
import { type Descriptor, familiarReference, type ImageReference } from '../oci/index.js';
import { platformOfDescriptor } from './fetch-manifest.js';
import type { NoBuildFits } from './types.js';

/** That an index has no build for this host or for the platform that was asked for, and what there is in it. */
export function noMatchingManifest(
  reference: ImageReference,
  candidates: readonly Descriptor[],
  { text, wayOut }: NoBuildFits,
): WindowboxError {
  const offered = candidates
    .map((candidate) => platformOfDescriptor(candidate))
    .map(({ os, architecture, osVersion }) =>
      osVersion === undefined ? `${os}/${architecture}` : `${os}(${osVersion})/${architecture}`,
    );
  const has = `"${familiarReference(reference)}" has: ${offered.join(', ') || 'nothing'}.`;
  return new WindowboxError('not-found', text, { hint: wayOut === undefined ? has : `${has}\n${wayOut}` });
}
