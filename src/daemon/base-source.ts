import { formatOsVersion, parseOsVersion } from '../oci/index.js';
import type { Base, BaseSource } from '../images/index.js';
import type { Paths } from '../platform/index.js';
import { ensureBase } from '../setup/index.js';
import { type Base as CatalogBase, baseRepositories, findBase, resolveBase } from '../rules/index.js';

/** Microsoft's base images, by the catalog of the rules and the layers of the set-up. */
export function makeBaseSource(paths: Paths): BaseSource {
  return {
    find: (reference) => {
      const base = resolveBase(reference);
      return base && toImageBase(base);
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

/** A base of the catalog as the image store has it. */
export function toImageBase({ product, osVersion, released }: CatalogBase): Base {
  return {
    product,
    osVersion: formatOsVersion(osVersion),
    ...(released === undefined ? {} : { released: `${released}T00:00:00Z` }),
  };
}
