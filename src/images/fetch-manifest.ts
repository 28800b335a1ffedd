import { createHash } from 'node:crypto';
import { WindowboxError } from '../errors/index.js';
import {
  type Descriptor,
  type ImageConfig,
  type ImageReference,
  isDigest,
  parseImageConfig,
  type Platform,
  statedType,
} from '../oci/index.js';
import { findLogin, hubKey } from '../credentials/index.js';
import { openRepository, type Repository } from './registry/registry-client.js';
import { endpointsOf, type RegistrySettings, withoutMirrors } from './registry/registry-settings.js';
import type { PullOptions } from './transfer.js';

/** The repository that a reference is in, with the login that was given or that the user's Docker configuration has. */
export async function repositoryOf(
  reference: Pick<ImageReference, 'domain' | 'path'>,
  options: Pick<PullOptions, 'credentials'> & { readonly settings: RegistrySettings; readonly push?: boolean },
): Promise<Repository> {
  return openRepository({
    domain: reference.domain,
    path: reference.path,
    endpoints: await endpointsOf(
      reference.domain,
      options.push === true ? withoutMirrors(options.settings) : options.settings,
    ),
    credentials: options.credentials ?? (await findLogin(reference.domain === 'docker.io' ? hubKey : reference.domain)),
    ...(options.push === undefined ? {} : { push: options.push }),
  });
}

/**
 * The digest is ours, of the bytes that came: what was asked for by digest must be it.
 *
 * @throws WindowboxError `data-loss` when it is not, and what {@link Repository.getManifest} throws.
 */
export async function fetchManifest(
  repository: Repository,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<{ json: string; digest: string; mediaType: string }> {
  const { json, mediaType } = await repository.getManifest(reference, signal);
  const { digest } = descriptorOf(json, mediaType);
  if (isDigest(reference) && reference !== digest)
    throw new WindowboxError('data-loss', `manifest verification failed for digest ${reference}`, {
      hint: `The registry ${repository.domain} sent other bytes for it, with the digest ${digest}: it or something on the way damages or changes them.`,
    });
  return { json, digest, mediaType: manifestType(mediaType, json, repository) };
}

/** Many registries send a manifest as plain JSON: then what it says of itself counts. A web page is no manifest. */
function manifestType(type: string, json: string, { domain }: Repository): string {
  if (['', 'application/json', 'text/plain', 'application/octet-stream'].includes(type)) return statedType(json);
  if (!type.startsWith('text/')) return type;
  throw new WindowboxError('unavailable', `unsupported manifest media type and no default available: ${type}`, {
    hint: `"${domain}" answered with a page for people: check that it is a registry, and that no proxy answers in its place.`,
  });
}

/** A config that is not kept: small, and what its digest says. @throws WindowboxError `data-loss`. */
export async function fetchConfig(
  repository: Repository,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
): Promise<ImageConfig> {
  const { body } = await repository.getBlob(descriptor.digest, 0, signal);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > descriptor.size || size > maxConfig) break;
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (descriptorOf(text, '').digest === descriptor.digest) return parseImageConfig(text, descriptor.digest);
  throw new WindowboxError('data-loss', `Cannot read "${descriptor.digest}": other bytes came`);
}

export function descriptorOf(json: string, mediaType: string): Descriptor {
  const bytes = Buffer.from(json);
  return { mediaType, size: bytes.length, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

/** What an index says of one of its entries. */
export function platformOfDescriptor({ platform }: Descriptor): Platform {
  return {
    os: platform?.os ?? 'unknown',
    architecture: platform?.architecture ?? 'unknown',
    ...(platform?.variant === undefined ? {} : { variant: platform.variant }),
    ...(platform?.['os.version'] === undefined ? {} : { osVersion: platform['os.version'] }),
    ...(platform?.['os.features'] === undefined ? {} : { osFeatures: platform['os.features'] }),
  };
}

/** No config is longer: it is read as a whole. */
export const maxConfig = 8 << 20;
