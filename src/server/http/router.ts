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
  const byMethod = new Map<string, { readonly route: Route; readonly pattern: RegExp }[]>();
  for (const route of routes) {
    const sameMethod = byMethod.get(route.method) ?? [];
    sameMethod.push({ route, pattern: patternOf(route.path) });
    byMethod.set(route.method, sameMethod);
  }
  return (method, pathname) => {
    const { requested, path } = splitVersion(pathname);
    const version = negotiateApiVersion(requested);
    for (const { route, pattern } of byMethod.get(method) ?? []) {
      const match = pattern.exec(path);
      if (match) return { route, version, path, params: decoded(match.groups ?? {}) };
    }
    throw new WindowboxError('not-found', dockerTexts.pageNotFound);
  };
}

function splitVersion(pathname: string): { readonly requested: string | undefined; readonly path: string } {
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
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]));
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new WindowboxError('invalid-argument', `invalid URL escape in "${value}"`);
  }
}
