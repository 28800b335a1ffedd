import { isErrorCode, WindowboxError } from '../errors/index.js';
import { familiarName, formatReference, type ImageReference, parseReference } from '../oci/index.js';
import { repositoryOf } from './fetch-manifest.js';
import { pullImage } from './pull-image.js';
import type { RegistrySettings } from './registry/registry-settings.js';
import type { StoreContext } from './store-context.js';
import type { PullOptions } from './transfer.js';

/**
 * Gets the image that each tag of a repository stands for, one after the other; the first that fails ends it, as in Docker.
 *
 * @throws WindowboxError `invalid-argument` for a name with a tag, `unsupported` for Microsoft's repositories, and as {@link pullImage}.
 */
export async function pullAllTags(
  context: StoreContext,
  text: string,
  options: PullOptions & { readonly settings: RegistrySettings },
): Promise<void> {
  const reference = parseReference(text);
  if (reference.tag !== undefined || reference.digest !== undefined)
    throw new WindowboxError('invalid-argument', `Cannot pull all tags of "${text}": it names one`);
  if (isMicrosofts(context, reference))
    throw new WindowboxError(
      'unsupported',
      `Cannot pull all tags of "${text}": they stand for bases that are made here`,
      {
        hint: 'Name the tag that you need; "windowbox bases" lists them.',
      },
    );
  const all = await (await repositoryOf(reference, options)).listTags(options.signal);
  const tags = all.filter((tag) => !ofReferrers.test(tag));
  if (tags.length === 0)
    throw new WindowboxError('not-found', `manifest for ${familiarName(reference)} not found: it has no tags`);
  for (const tag of tags) await pullImage(context, `${formatReference(reference)}:${tag}`, options);
}

/** A repository that has no tag `latest` is looked up in vain, but is one of theirs. */
function isMicrosofts({ bases }: StoreContext, reference: ImageReference): boolean {
  try {
    return bases.find(reference) !== undefined;
  } catch (error) {
    if (isErrorCode(error, 'not-found')) return true;
    throw error;
  }
}

/** Signatures and the like of an image, where a registry keeps them as tags: none is an image. */
const ofReferrers = /^sha256-[0-9a-f]{64}(?:\.(?:att|sbom|sig))?$/u;
