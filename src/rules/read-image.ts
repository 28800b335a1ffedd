import { WindowboxError } from '../errors/index.js';
import { familiarReference, type ImageReference, parseOsVersion, parseReference } from '../oci/index.js';
import { baseImages } from './data/base-images.js';
import { targetOfBase, targetOfOsVersion } from './image-target.js';
import type { BaseProduct, ImageTarget } from './model.js';
import { findBase, resolveBase } from './resolve-base.js';

/**
 * The image that these words mean: a version (`10.0.17763.1039`, `17763`), a tag alone (`ltsc2019`, `1809`), a Microsoft base image, or any reference whose
 * tag names its base as most Windows images do (`golang:1.22-nanoserver-1809`).
 *
 * @throws WindowboxError `not-found` for a tag that a base repository does not have, and for a reference that does not tell its Windows version.
 */
export function readImage(words: string): ImageTarget {
  const text = words.trim();
  const version = parseOsVersion(/^[0-9]{5}$/u.test(text) ? `10.0.${text}` : text);
  if (version !== undefined) return targetOfOsVersion(text, version);
  const build = buildOfTag(text);
  if (build !== undefined) return { label: text, osVersion: { major: 10, minor: 0, build } };
  const reference = parseReference(text);
  const base = resolveBase(reference);
  if (base !== undefined) return { ...targetOfBase(base, familiarReference(reference)), reference: text };
  return targetByTag(reference) ?? fail(text);
}

/** An image whose tag names the base that it is made on. */
function targetByTag(reference: ImageReference): ImageTarget | undefined {
  const label = familiarReference(reference);
  const named =
    /(?<product>nanoserver|windowsservercore|servercore|windows)?-?(?<tag>ltsc20[0-9]{2}|[12][0-9]0[0-9]|2[0-9][Hh][12])$/u.exec(
      reference.tag ?? '',
    )?.groups;
  const build = named?.['tag'] === undefined ? undefined : buildOfTag(named['tag']);
  if (named === undefined || build === undefined) return undefined;
  const product = products[named['product'] ?? ''];
  const osVersion = { major: 10, minor: 0, build };
  if (product === undefined) return { label, reference: label, osVersion };
  const base = findBase(product, build);
  const target = { label, reference: label, osVersion, product };
  return base === undefined ? target : { ...target, madeOn: base };
}

function buildOfTag(tag: string): number | undefined {
  return buildByTag.get(tag.toLowerCase());
}

function fail(text: string): never {
  throw new WindowboxError('not-found', `Cannot judge "${text}": its name does not tell its Windows version`, {
    hint: `Give the version instead (10.0.17763), or its description: docker image inspect ${text} | windowbox check -`,
  });
}

const products: Readonly<Record<string, BaseProduct>> = {
  nanoserver: 'nanoserver',
  windowsservercore: 'servercore',
  servercore: 'servercore',
  windows: 'windows',
};
const buildByTag = new Map(
  baseImages.flatMap(({ tags, build }) => tags.map((tag): [string, number] => [tag.toLowerCase(), build])),
);
