import { formatOsVersion, parseOsVersion } from '../oci/index.js';
import type { BaseSource } from '../images/index.js';
import type { Paths } from '../platform/index.js';
import { ensureBase } from '../setup/index.js';
import { baseRepositories, findBase, resolveBase } from '../rules/index.js';

/** Microsoft's base images, by the catalog of the rules and the layers of the set-up. */
export function makeBaseSource(paths: Paths): BaseSource {
  return {
    find: (reference) => {
      const base = resolveBase(reference);
      if (base === undefined) return undefined;
      return {
        product: base.product,
        osVersion: formatOsVersion(base.osVersion),
        ...(base.released === undefined ? {} : { released: `${base.released}T00:00:00Z` }),
      };
    },
    ensure: async (base) => ensureBase(paths, base),
    sources: ({ product, osVersion }) => {
      const build = parseOsVersion(osVersion)?.build ?? 0;
      const [repository] = baseRepositories[product];
      const known = findBase(product, build);
      return [
        ...(repository === undefined ? [] : [`${repository}:${osVersion}`]),
        ...(known === undefined ? [] : [known.canonical]),
      ];
    },
  };
}
