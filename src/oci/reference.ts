import { WindowboxError } from '../errors/index.js';

/**
 * A name of an image, normalised as Docker does: `ubuntu` is `docker.io/library/ubuntu`, `microsoft/nanoserver` is
 * `docker.io/microsoft/nanoserver`. Tag and digest are as written; see {@link withDefaultTag}.
 */
export interface ImageReference {
  /** Registry, port included: `mcr.microsoft.com`, `localhost:5000`. */
  readonly domain: string;
  /** Repository in it: `windows/nanoserver`. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

/**
 * Reads a name as people write it.
 *
 * @throws WindowboxError `invalid-argument` with Docker's own text. Rules: distribution's reference grammar.
 */
export function parseReference(text: string): ImageReference {
  if (text === '') throw invalid('invalid reference format');
  if (/^[a-f0-9]{64}$/u.test(text))
    throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const { domain, rest } = splitDomain(text);
  const { path, tag, digest } = splitSuffix(rest);
  if (path !== path.toLowerCase())
    throw invalid(`invalid reference format: repository name (${path}) must be lowercase`);
  if (!domainPattern.test(domain) || !pathPattern.test(path)) throw invalid('invalid reference format');
  if (tag !== undefined && !tagPattern.test(tag)) throw invalid('invalid reference format');
  if (digest !== undefined && !digestPattern.test(digest)) throw invalid('invalid reference format');
  if (path.length > maxNameLength)
    throw invalid(`repository name must not be more than ${String(maxNameLength)} characters`);
  return { domain, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The whole name: `docker.io/library/ubuntu:24.04@sha256:…`. Parses back to the same reference. */
export function formatReference(reference: ImageReference): string {
  return `${reference.domain}/${reference.path}${suffixOf(reference)}`;
}

/** As Docker shows it to people: `ubuntu:24.04`, `microsoft/nanoserver:1709`, `mcr.microsoft.com/windows:1809`. */
export function familiarReference(reference: ImageReference): string {
  return `${familiarName(reference)}${suffixOf(reference)}`;
}

/** The name without tag and digest, as Docker shows it: the REPOSITORY column. */
export function familiarName({ domain, path }: ImageReference): string {
  if (domain !== defaultDomain) return `${domain}/${path}`;
  const official = /^library\/(?<name>[^/]+)$/u.exec(path)?.groups?.['name'];
  return official ?? path;
}

/** With tag `latest` when it has neither tag nor digest. */
export function withDefaultTag(reference: ImageReference): ImageReference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference;
}

function splitDomain(text: string): { domain: string; rest: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const isDomain = slash > 0 && (/[.:]/u.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const domain = isDomain ? first : defaultDomain;
  const rest = isDomain ? text.slice(slash + 1) : text;
  if (domain !== defaultDomain && domain !== oldDefaultDomain) return { domain, rest };
  return { domain: defaultDomain, rest: rest.includes('/') ? rest : `library/${rest}` };
}

function splitSuffix(text: string): { path: string; tag?: string; digest?: string } {
  const at = text.indexOf('@');
  const name = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? {} : { digest: text.slice(at + 1) };
  const colon = name.lastIndexOf(':');
  if (colon < 0) return { path: name, ...digest };
  return { path: name.slice(0, colon), tag: name.slice(colon + 1), ...digest };
}

function suffixOf({ tag, digest }: ImageReference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function invalid(message: string): WindowboxError {
  return new WindowboxError('invalid-argument', message);
}

const defaultDomain = 'docker.io';
const oldDefaultDomain = 'index.docker.io';
const maxNameLength = 255;
const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domainPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`, 'u');
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const pathPattern = new RegExp(`^${component}(?:/${component})*$`, 'u');
const tagPattern = /^\w[\w.-]{0,127}$/u;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/u;
