import { WindowboxError } from '../errors/index.js';
import {
  familiarName,
  familiarReference,
  formatPlatform,
  formatReference,
  type ImageConfig,
  type ImageReference,
  isDigest,
  parseImageConfig,
  parsePlatform,
  parseReference,
  type Platform,
  withDefaultTag,
} from '../oci/index.js';
import { addBaseImage } from './base-image.js';
import type { StoreContext } from './store-context.js';
import type { Image } from './types.js';

export interface ResolveOptions {
  /** `--platform`, as the user wrote it. */
  readonly platform?: string;
}

/**
 * The image that a user means: a name, a name with digest, an id or a prefix of one; what a base image's name stands for is
 * made on the spot.
 *
 * @throws WindowboxError `invalid-argument`: no id and no reference; `not-found` with Docker's text, also when the image is not for
 *   the platform that was asked for.
 */
export async function resolveImage(context: StoreContext, text: string, options: ResolveOptions = {}): Promise<Image> {
  const wanted = wantedPlatform(options);
  const local = await findLocal(context, text, wanted);
  if (local) return local;
  if (isDigest(text)) throw noSuchImage(text);
  const reference = parseReference(text);
  const base = context.bases.find(reference);
  if (!base) throw noSuchImage(text);
  const id = await addBaseImage(context, base);
  if (reference.digest === undefined)
    context.records.setName(formatReference(withDefaultTag(reference)), [id], Date.now());
  const image = await readImage(context, id);
  checkPlatform(image, text, wanted);
  return image;
}

/** `--platform`, read; undefined where there is none. @throws WindowboxError `invalid-argument`. */
export function wantedPlatform({ platform }: ResolveOptions): Platform | undefined {
  return platform === undefined || platform === '' ? undefined : parsePlatform(platform);
}

/** As {@link resolveImage}, but only what is in the store; undefined when it is not. */
export async function findLocal(context: StoreContext, text: string, wanted?: Platform): Promise<Image | undefined> {
  const ids = localIds(context, text);
  if (ids.length === 0) return undefined;
  const images = await Promise.all(ids.map(async (id) => readImage(context, id)));
  const chosen =
    images.length === 1
      ? 0
      : context.choose(
          images.map(({ config }) => platformOf(config)),
          wanted,
        );
  const image = images[typeof chosen === 'number' ? chosen : 0];
  if (image) checkPlatform(image, text, wanted);
  return image;
}

/** Ids behind a text: several only where one name stands for several builds. Docker's order: id, name, then prefix of an id. */
export function localIds(context: StoreContext, text: string): readonly string[] {
  const { records } = context;
  const asId = isDigest(text) ? text : /^[0-9a-f]{64}$/u.test(text) ? `sha256:${text}` : undefined;
  if (asId !== undefined) {
    const record = records.find(asId);
    return record && !record.hidden ? [asId] : [];
  }
  const reference = asReference(text);
  if (reference) {
    const named =
      reference.digest === undefined
        ? records.imagesNamed(formatReference(withDefaultTag(reference)))
        : records.imagesByDigest(`${reference.domain}/${reference.path}`, reference.digest);
    if (named.length > 0) return named;
  }
  const hex = text.replace(/^sha256:/u, '');
  if (!/^[0-9a-f]{1,63}$/u.test(hex)) return [];
  const found = records.findByPrefix(hex);
  return found.length === 1 ? found : [];
}

/** Everything about an image by its id, also of one that is hidden. @throws WindowboxError `not-found`. */
export async function readImage(context: StoreContext, id: string): Promise<Image> {
  const record = context.records.find(id);
  if (!record) throw noSuchImage(id);
  return {
    id,
    config: await readConfig(context, id),
    base: { product: record.product, osVersion: record.osVersion },
    baseLayers: record.baseLayers,
    offline: record.offline,
    names: context.records.namesOf(id).map((name) => familiarReference(parseReference(name))),
    digests: context.records
      .digestsOf(id)
      .map(({ repository, digest }) => `${familiarName(parseReference(repository))}@${digest}`),
    parent: record.parent === '' ? undefined : record.parent,
    size: record.size,
    taggedAt: record.taggedAt,
  };
}

export async function readConfig(context: StoreContext, id: string): Promise<ImageConfig> {
  const known = context.configs.get(id);
  if (known) return known;
  const text = await context.content.readText(id);
  const config = parseImageConfig(text, id);
  if (text.length <= longestKept) {
    context.configs.set(id, config);
    const [oldest] = context.configs.keys();
    if (context.configs.size > mostKept && oldest !== undefined) context.configs.delete(oldest);
  }
  return config;
}

const mostKept = 500;
const longestKept = 16_384;

export function platformOf(config: ImageConfig): Platform {
  return {
    os: config.os,
    architecture: config.architecture,
    ...(config['os.version'] ? { osVersion: config['os.version'] } : {}),
    ...(config['os.features'] ? { osFeatures: config['os.features'] } : {}),
  };
}

/** Docker's text: the name as it would be looked up, tag included; `invalid-argument` for what is no name. */
export function noSuchImage(text: string): WindowboxError {
  const reference = isDigest(text) ? undefined : asReference(text);
  if (!reference && !isDigest(text)) return new WindowboxError('invalid-argument', 'invalid reference format');
  const shown = reference ? familiarReference(withDefaultTag(reference)) : text;
  return new WindowboxError('not-found', `No such image: ${shown}`);
}

function asReference(text: string): ImageReference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (error instanceof WindowboxError) return undefined;
    throw error;
  }
}

function checkPlatform(image: Image, text: string, wanted: Platform | undefined): void {
  const mismatch = platformMismatch(platformOf(image.config), text, wanted);
  if (mismatch) throw mismatch;
}

/** Docker's text for an image that is there, but not for the platform that was asked for; undefined when it is. */
export function platformMismatch(
  actual: Platform,
  text: string,
  wanted: Platform | undefined,
): WindowboxError | undefined {
  if (!wanted) return undefined;
  const fits =
    wanted.os === actual.os &&
    wanted.architecture === actual.architecture &&
    (wanted.osVersion === undefined || startsWithVersion(actual.osVersion ?? '', wanted.osVersion));
  if (fits) return undefined;
  return new WindowboxError(
    'not-found',
    `image with reference ${text} was found but does not match the specified platform: wanted ${formatPlatform(wanted)}, actual: ${formatPlatform(actual)}`,
  );
}

/** `10.0.20348` asks for every revision of that build. */
function startsWithVersion(actual: string, wanted: string): boolean {
  return actual === wanted || actual.startsWith(`${wanted}.`);
}
