import { WindowboxError } from '../errors/index.js';
import { findLocal, noSuchImage, readImage } from './find-image.js';
import type { StoreContext } from './store-context.js';
import type { Image } from './types.js';

export interface ListOptions {
  /** Also the images without a name that are only steps on the way to others, or bases of ours. */
  readonly all?: boolean;
  /** Docker's: `dangling`, `label`, `before`, `since`, `reference`, `until`. */
  readonly filters?: Readonly<Record<string, readonly string[]>>;
}

/**
 * The images in the store, newest first.
 *
 * @throws WindowboxError `invalid-argument` for a filter that Docker does not know, with Docker's text.
 */
export async function listImages(context: StoreContext, options: ListOptions = {}): Promise<readonly Image[]> {
  const records = context.records.all().filter(({ hidden }) => !hidden);
  const parents = new Set(records.map(({ parent }) => parent));
  const images = await Promise.all(records.map(async ({ id }) => readImage(context, id)));
  const tests = await Promise.all(
    Object.entries(options.filters ?? {}).map(async ([name, values]) => makeTest(context, name, values)),
  );
  const bases = new Set(records.filter(({ chains, offline }) => offline && chains.length === 0).map(({ id }) => id));
  // A base of ours that nobody named is there because an archive was imported on it: no user made it.
  const isStep = ({ id, names, digests }: Image): boolean =>
    names.length + digests.length === 0 && (parents.has(id) || bases.has(id));
  return images
    .filter((image) => options.all === true || !isStep(image))
    .filter((image) => tests.every((test) => test(image)))
    .map((image) => withNamesThatFit(image, options.filters?.['reference']))
    .sort((a, b) => createdAt(b) - createdAt(a));
}

/** `docker images NAME` shows an image under the names that fit, not under its others. */
function withNamesThatFit(image: Image, patterns: readonly string[] = []): Image {
  if (patterns.length === 0) return image;
  return { ...image, names: image.names.filter((name) => patterns.some((pattern) => matchesReference(name, pattern))) };
}

type Test = (image: Image) => boolean;

async function makeTest(context: StoreContext, name: string, values: readonly string[]): Promise<Test> {
  switch (name) {
    case 'dangling':
      return isDangling(values);
    case 'label':
      return (image) => values.every((value) => hasLabel(image, value));
    case 'label!':
      return (image) => !values.some((value) => hasLabel(image, value));
    case 'reference':
      return (image) => values.some((pattern) => image.names.some((shown) => matchesReference(shown, pattern)));
    case 'before':
    case 'since': {
      const other = createdAt(await one(context, values[0] ?? ''));
      return (image) => (name === 'before' ? createdAt(image) < other : createdAt(image) > other);
    }
    case 'until': {
      const limit = parseUntil(values[0] ?? '');
      return (image) => createdAt(image) <= limit;
    }
    default:
      throw new WindowboxError('invalid-argument', `invalid filter '${name}'`);
  }
}

function isDangling(values: readonly string[]): Test {
  const value = values[0] ?? '';
  const wanted = /^(?:1|t|true)$/iu.test(value) ? true : /^(?:0|f|false)$/iu.test(value) ? false : undefined;
  if (wanted === undefined)
    throw new WindowboxError('invalid-argument', `invalid filter 'dangling=[${values.join(' ')}]'`);
  return (image) => (image.names.length === 0) === wanted;
}

function hasLabel(image: Image, wanted: string): boolean {
  const labels = image.config.config?.Labels ?? {};
  const [key, value] = splitOnce(wanted);
  const found = labels[key];
  return found !== undefined && (value === undefined || found === value);
}

/** Docker matches the pattern against the whole shown name and against the name without its tag. */
function matchesReference(shown: string, pattern: string): boolean {
  const withoutTag = shown.replace(/:[^:/]+$/u, '');
  return [shown, withoutTag].some((name) => globMatch(name, pattern));
}

function globMatch(name: string, pattern: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|\\]/gu, String.raw`\$&`)
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  try {
    return new RegExp(`^${source}$`, 'u').test(name);
  } catch {
    return false;
  }
}

/** A time (ISO 8601 or seconds since 1970) or how long ago (`24h`, `1h30m`). */
export function parseUntil(text: string): number {
  if (/^\d+(?:\.\d+)?$/u.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/gu)];
  if (parts.length > 0 && parts.map((part) => part[0]).join('') === text)
    return Date.now() - parts.reduce((sum, part) => sum + Number(part[1]) * (unitMs[part[2] ?? ''] ?? 0), 0);
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new WindowboxError('invalid-argument', `invalid filter 'until=[${text}]'`);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

async function one(context: StoreContext, text: string): Promise<Image> {
  const image = await findLocal(context, text);
  if (!image) throw noSuchImage(text);
  return image;
}

function createdAt(image: Image): number {
  return Date.parse(image.config.created ?? '') || 0;
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
