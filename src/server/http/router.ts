import { WindowboxError } from '../../errors/index.js';
import { dockerTexts, negotiateApiVersion } from '../../docker-api/index.js';
import type { Route } from './route.js';

export interface RouteMatch {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
  readonly version: string;
  readonly path: string;
}

export type Router = (method: string, target: string) => RouteMatch;

/**
 * Finds the route of a request. The first that fits wins, in the table's order, as in Docker's router; a `HEAD` without a route of
 * its own is not a `GET`.
 *
 * @throws WindowboxError `not-found` "page not found", `invalid-argument` for a version that we do not speak or a broken escape.
 */
export function createRouter(routes: readonly Route[]): Router {
  const byMethod = new Map<string, RouteIndex>();
  for (const route of routes) {
    if (!byMethod.has(route.method)) byMethod.set(route.method, indexOf(routes, route.method));
  }
  return (method, pathname) => {
    const { requested, path } = splitVersion(pathname);
    const version = negotiateApiVersion(requested);
    const found = byMethod.get(method)?.(path);
    if (found) return { route: found.route, version, path, params: found.params };
    throw new WindowboxError('not-found', dockerTexts.pageNotFound);
  };
}

type Found = Pick<RouteMatch, 'route' | 'params'>;
type RouteIndex = (path: string) => Found | undefined;

/** The routes of one method. Only those are tried whose path begins with the request's first segment. */
function indexOf(routes: readonly Route[], method: string): RouteIndex {
  const candidates = routes
    .filter((route) => route.method === method)
    .map((route) => ({ route, pattern: patternOf(route.path), segment: firstSegment(route.path) }));
  const bySegment = new Map(
    candidates.map(({ segment }) => [
      segment,
      candidates.filter((other) => other.segment === segment || other.segment.startsWith('{')),
    ]),
  );
  const everywhere = candidates.filter(({ segment }) => segment.startsWith('{'));
  return (path) => {
    for (const { route, pattern } of bySegment.get(firstSegment(path)) ?? everywhere) {
      const match = pattern.exec(path);
      if (match) return { route, params: match.groups === undefined ? noParams : decoded(match.groups) };
    }
    return undefined;
  };
}

const noParams: Readonly<Record<string, string>> = {};

function firstSegment(path: string): string {
  const end = path.indexOf('/', 1);
  return path.slice(1, end === -1 ? undefined : end);
}

function splitVersion(pathname: string): { readonly requested: string | undefined; readonly path: string } {
  if (!pathname.startsWith('/v')) return { requested: undefined, path: pathname };
  const match = /^\/v(\d{1,4}\.\d{1,4})(\/.*)$/u.exec(pathname);
  return match ? { requested: match[1], path: match[2] ?? '/' } : { requested: undefined, path: pathname };
}

function patternOf(path: string): RegExp {
  const source = path.replaceAll(/\{(\w+)(:\.\*)?\}|[.*+?^$()|[\]\\]/gu, (found, name?: string, slashes?: string) => {
    if (name === undefined) return `\\${found}`;
    return `(?<${name}>${slashes === undefined ? '[^/]+' : '.+'})`;
  });
  return new RegExp(`^${source}$`, 'u');
}

function decoded(groups: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const params: Record<string, string> = {};
  for (const name in groups) params[name] = decode(groups[name] ?? '');
  return params;
}

function decode(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    throw new WindowboxError('invalid-argument', `invalid URL escape in "${value}"`);
  }
}
