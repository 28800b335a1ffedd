import { WindowboxError } from '../errors/index.js';
import {
  familiarName,
  formatOsVersion,
  type ImageReference,
  type OsVersion,
  parseOsVersion,
  parseReference,
} from '../oci/index.js';
import { baseImages } from './data/base-images.js';
import { factsOfBuild } from './data/builds.js';
import type { Base, BaseImageEntry, BaseProduct } from './model.js';
import { nearest } from './nearest.js';

/** Repositories of Microsoft's base images: today's, and the names on Docker Hub that they had until 2018. */
export const baseRepositories: Readonly<Record<BaseProduct, readonly string[]>> = {
  nanoserver: ['mcr.microsoft.com/windows/nanoserver', 'microsoft/nanoserver'],
  servercore: ['mcr.microsoft.com/windows/servercore', 'microsoft/windowsservercore'],
  server: ['mcr.microsoft.com/windows/server'],
  windows: ['mcr.microsoft.com/windows', 'microsoft/windows'],
};

/** Every base of the catalog, one for each product and build, newest first. */
export function allBases(): readonly Base[] {
  return baseImages
    .filter(({ tags }) => !tags.includes(previewTag))
    .map((entry) => baseOf(entry))
    .toSorted((a, b) => b.build - a.build || a.product.localeCompare(b.product));
}

/**
 * The base that a reference means, or undefined when it is no base image of Microsoft's.
 *
 * Takes release tags (`ltsc2019`, `1809`), update tags (`1809-KB4493509`), version tags (`10.0.17763.437`), each also with `-amd64`, and
 * `…/insider:10.0.BUILD.REVISION`. A digest is looked past when there is a tag.
 *
 * @throws WindowboxError `not-found` for a tag that the repository never had, with those that exist, nearest first.
 */
export function resolveBase(reference: string | ImageReference): Base | undefined {
  const parsed = typeof reference === 'string' ? parseReference(reference) : reference;
  const name = familiarName(parsed).replace(/\/insider$/u, '');
  const product = productByRepository.get(name);
  if (product === undefined) return undefined;
  if (parsed.tag === undefined && parsed.digest !== undefined) return undefined;
  const tag = parsed.tag ?? 'latest';
  const isInsider = familiarName(parsed).endsWith('/insider');
  const base = isInsider ? insiderBase(product, tag) : baseOfTag(product, tag);
  if (base === undefined) throw unknownTag(familiarName(parsed), product, tag);
  return base;
}

/** The base of a product and build; undefined where Microsoft published none. */
export function findBase(product: BaseProduct, build: number): Base | undefined {
  const entry = entryOf(product, build);
  return entry === undefined ? undefined : baseOf(entry);
}

/** Tags of a product's repository, newest build first. */
export function tagsOf(product: BaseProduct): readonly string[] {
  return baseImages
    .filter((image) => image.product === product)
    .toSorted((a, b) => b.build - a.build)
    .flatMap(({ tags }) => tags);
}

/** Every tag that means this base, today's first; the version for an Insider image. */
export function tagsForBase({ product, build, canonical }: Base): readonly string[] {
  const entry = entryOf(product, build);
  return entry?.tags ?? [canonical.split(':')[1] ?? ''];
}

function entryOf(product: BaseProduct, build: number): BaseImageEntry | undefined {
  return baseImages.find(
    (image) => image.product === product && image.build === build && !image.tags.includes(previewTag),
  );
}

function baseOfTag(product: BaseProduct, tag: string): Base | undefined {
  const plain = tag.replace(/[-_]amd64$/u, '');
  const images = baseImages.filter((image) => image.product === product);
  const exact = images.find(({ tags }) => tags.some((name) => name.toLowerCase() === plain.toLowerCase()));
  if (exact !== undefined) return baseOf(exact);
  const version = parseOsVersion(plain);
  const byVersion = images.find(({ build, tags }) => build === version?.build && !tags.includes(previewTag));
  if (version !== undefined) return byVersion === undefined ? undefined : baseOf(byVersion, version);
  const release = /^(?<release>[0-9]{2}[0-9A-Za-z]{2}|ltsc[0-9]{4})[-_]KB[0-9]{6,8}$/u.exec(plain)?.groups?.['release'];
  return release === undefined ? undefined : baseOfTag(product, release);
}

function insiderBase(product: BaseProduct, tag: string): Base | undefined {
  const version = parseOsVersion(tag.replace(/-amd64$/u, ''));
  if (version === undefined) return undefined;
  const name = `${baseRepositories[product][0] ?? ''}/insider:${formatOsVersion(version)}`;
  return { ...shapeOf(product, version.build), osVersion: version, canonical: name, note: 'Windows Insider image' };
}

function baseOf(entry: BaseImageEntry, version?: OsVersion): Base {
  const revision = factsOfBuild(entry.build)?.revision;
  const newest = { major: 10, minor: 0, build: entry.build, ...(revision === undefined ? {} : { revision }) };
  return {
    ...shapeOf(entry.product, entry.build),
    osVersion: version ?? newest,
    canonical: `${baseRepositories[entry.product][0] ?? ''}:${entry.tags[0] ?? ''}`,
    ...(entry.released === undefined ? {} : { released: entry.released }),
    ...(entry.endOfSupport === undefined ? {} : { endOfSupport: entry.endOfSupport }),
    ...(entry.note === undefined ? {} : { note: entry.note }),
  };
}

function shapeOf(
  product: BaseProduct,
  build: number,
): Pick<Base, 'product' | 'build' | 'defaultUser' | 'command' | 'osFeatures'> {
  // Nano Server runs as ContainerUser since version 1709; in 2016 it was a small server, with an administrator.
  const unprivileged = product === 'nanoserver' && build >= 16299;
  return {
    product,
    build,
    defaultUser: unprivileged ? 'ContainerUser' : 'ContainerAdministrator',
    command: [String.raw`c:\windows\system32\cmd.exe`],
    osFeatures: product === 'nanoserver' ? [] : ['win32k'],
  };
}

function unknownTag(repository: string, product: BaseProduct, tag: string): WindowboxError {
  const existing = tagsOf(product).filter((name) => name !== previewTag);
  const ordered = tag === 'latest' ? existing : nearest(tag, existing);
  const why =
    tag === 'latest' ? 'Microsoft publishes no tag "latest" since 2019-04-16' : 'the repository has no such tag';
  return new WindowboxError('not-found', `Cannot find base image "${repository}:${tag}": ${why}`, {
    hint: `These exist, nearest first: ${ordered.join(', ')}.`,
  });
}

const previewTag = 'win10-21h1-preview';
const productByRepository = new Map(
  (['nanoserver', 'servercore', 'server', 'windows'] as const).flatMap((product) =>
    baseRepositories[product].map((repository): [string, BaseProduct] => [repository, product]),
  ),
);
