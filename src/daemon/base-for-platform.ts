import { WindowboxError } from '../errors/index.js';
import { parseOsVersion, parsePlatform, parseReference } from '../oci/index.js';
import { allBases, findBase, resolveBase } from '../rules/index.js';

/**
 * A base image's name means its product: for another build than the tag's, that build's base takes its place.
 *
 * @throws WindowboxError `not-found` when Microsoft published none of that build: another one in its place would be a lie.
 */
export function baseForPlatform(name: string, platform: string | undefined): string {
  const build = parseOsVersion(platform === undefined ? '' : (parsePlatform(platform).osVersion ?? ''))?.build;
  if (build === undefined || name.startsWith('sha256:')) return name;
  const base = resolveBase(parseReference(name));
  if (base === undefined || base.build === build) return name;
  const found = findBase(base.product, build);
  if (found) return found.canonical;
  const builds = [...new Set(allBases().flatMap((one) => (one.product === base.product ? [one.build] : [])))];
  throw new WindowboxError(
    'not-found',
    `Cannot build "${name}" for ${platform ?? ''}: Microsoft published no ${base.product} of build ${String(build)}`,
    { hint: `There are ${builds.map((one) => `10.0.${String(one)}`).join(', ')}.` },
  );
}
