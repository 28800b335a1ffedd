import { WindowboxError } from '../errors/index.js';
import { type Descriptor, familiarReference, type ImageReference } from '../oci/index.js';
import { platformOfDescriptor } from './fetch-manifest.js';

/** Docker's text for an index without a build that the host could run, and what there is in it. */
export function noMatchingManifest(reference: ImageReference, candidates: readonly Descriptor[]): WindowboxError {
  const offered = candidates
    .map((candidate) => platformOfDescriptor(candidate))
    .map(({ os, architecture, osVersion }) =>
      osVersion === undefined ? `${os}/${architecture}` : `${os}(${osVersion})/${architecture}`,
    );
  return new WindowboxError('not-found', `no matching manifest for windows/amd64 in the manifest list entries`, {
    hint: `"${familiarReference(reference)}" has: ${offered.join(', ') || 'nothing'}.`,
  });
}
