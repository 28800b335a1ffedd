import * as v from 'valibot';
import { WindowboxError } from '../errors/index.js';
import { isDigest } from './digest.js';
import { parseJson } from './image-config.js';
import { isIndexType, isManifestType, mediaTypes } from './media-types.js';

const platform = v.looseObject({
  architecture: v.string(),
  os: v.string(),
  'os.version': v.exactOptional(v.string()),
  'os.features': v.exactOptional(v.array(v.string())),
  variant: v.exactOptional(v.string()),
});

const descriptor = v.looseObject({
  mediaType: v.string(),
  digest: v.pipe(v.string(), v.check(isDigest, 'no sha256 or sha512 digest')),
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  urls: v.exactOptional(v.nullable(v.array(v.string()))),
  annotations: v.exactOptional(v.nullable(v.record(v.string(), v.string()))),
  platform: v.exactOptional(v.nullable(platform)),
});

const manifest = v.looseObject({
  schemaVersion: v.literal(2),
  mediaType: v.exactOptional(v.string()),
  config: descriptor,
  layers: v.pipe(v.array(descriptor), v.maxLength(1024)),
  annotations: v.exactOptional(v.nullable(v.record(v.string(), v.string()))),
});

const index = v.looseObject({
  schemaVersion: v.literal(2),
  mediaType: v.exactOptional(v.string()),
  manifests: v.pipe(v.array(descriptor), v.maxLength(4096)),
  annotations: v.exactOptional(v.nullable(v.record(v.string(), v.string()))),
});

/** Points at content: its type, digest and size. */
export type Descriptor = v.InferOutput<typeof descriptor>;
export type Manifest = v.InferOutput<typeof manifest>;
export type ImageIndex = v.InferOutput<typeof index>;

/**
 * Reads a manifest or an index; `mediaType` is what the registry or the descriptor says, if anything.
 *
 * @throws WindowboxError `invalid-argument` for malformed documents and when the two media types contradict each other (an attack:
 * the same bytes read as two things), `unsupported` for Docker's schema 1 and for artifacts that are no image.
 */
export function parseManifest(
  json: string,
  mediaType: string | undefined,
): { kind: 'manifest'; manifest: Manifest } | { kind: 'index'; index: ImageIndex } {
  const head = parseJson(json, documentHead, 'Cannot read manifest');
  if (head.schemaVersion === 1)
    throw new WindowboxError('unsupported', 'Cannot read manifest: Docker schema 1 is no longer supported');
  const said = mediaType === undefined || mediaType === '' ? (head.mediaType ?? guessType(head)) : mediaType;
  if (head.mediaType !== undefined && head.mediaType !== said)
    throw new WindowboxError(
      'invalid-argument',
      `Cannot read manifest: called "${said}", but says "${head.mediaType}"`,
    );
  if ('manifests' in head && 'layers' in head)
    throw new WindowboxError('invalid-argument', 'Cannot read manifest: both an index and a manifest');
  if (isIndexType(said)) return { kind: 'index', index: parseJson(json, index, 'Cannot read index') };
  if (isManifestType(said)) return { kind: 'manifest', manifest: parseJson(json, manifest, 'Cannot read manifest') };
  throw new WindowboxError('unsupported', `Cannot read manifest: unknown type "${said}"`);
}

/** The type that a manifest or index says it has, or that follows from what is in it. @throws WindowboxError `invalid-argument`. */
export function statedType(json: string): string {
  const head = parseJson(json, documentHead, 'Cannot read manifest');
  return head.mediaType ?? guessType(head);
}

const documentHead = v.looseObject({ schemaVersion: v.number(), mediaType: v.exactOptional(v.string()) });

function guessType(head: object): string {
  return 'manifests' in head ? mediaTypes.ociIndex : mediaTypes.ociManifest;
}
