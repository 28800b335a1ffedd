import { WindowboxError } from '../errors/index.js';
import type { ImageStore } from '../images/index.js';
import { formatOsVersion } from '../oci/index.js';
import type { Paths } from '../platform/index.js';
import { allBases, type Base, type HostProfile, resolveBase } from '../rules/index.js';
import type { HypervTemplates } from '../runtime-hyperv/index.js';
import type { Backends } from '../server/index.js';
import { ensureBase } from '../setup/index.js';
import { baseName } from './image-backend.js';
import { progressQueue } from './progress-queue.js';

type TemplateBackend = Backends['templates'];

export interface TemplateSources {
  readonly paths: Paths;
  readonly images: Pick<ImageStore, 'list' | 'layersOf'>;
  readonly host: () => HostProfile;
}

/** The templates as the API asks for them: a base by its name, or all that this engine is likely to need. */
export function makeTemplateBackend(templates: HypervTemplates, sources: TemplateSources): TemplateBackend {
  return {
    list: async () => templates.list(),
    prune: async (options) => templates.prune(options),
    make: (names, signal) =>
      progressQueue(async (report) => {
        const wanted = names.length > 0 ? await basesNamed(sources, names) : await likelyBases(sources);
        const told = new Set<string>();
        for (const lower of wanted) {
          if (signal.aborted) return;
          const { base, made, milliseconds } = await templates.make(lower, (step) => {
            report({ id: step.base, status: step.text });
          });
          // Many images lie on one base.
          if (!told.has(base)) report({ id: base, aux: { Made: made, Milliseconds: milliseconds } });
          told.add(base);
        }
      }),
  };
}

type Lower = readonly string[];

async function basesNamed(sources: TemplateSources, names: readonly string[]): Promise<readonly Lower[]> {
  const bases = names.map((name) => {
    const base = resolveBase(baseName(name));
    if (base !== undefined) return base;
    throw new WindowboxError('not-found', `Cannot make a template of "${name}": it is no base image`, {
      hint: 'Name a base like nanoserver:1809. "windowbox bases" lists them.',
    });
  });
  return Promise.all(bases.map(async (base) => layersOfBase(sources, base)));
}

/** The bases of the images that are there; on a new machine those of the Windows that it presents. */
async function likelyBases(sources: TemplateSources): Promise<readonly Lower[]> {
  const images = await sources.images.list();
  const found = await Promise.all(images.map(async ({ id }) => sources.images.layersOf(id)));
  if (found.length > 0) return found;
  const { build } = sources.host();
  const own = allBases().filter((base) => base.build === build);
  return Promise.all(own.map(async (base) => layersOfBase(sources, base)));
}

async function layersOfBase({ paths }: TemplateSources, { product, osVersion }: Base): Promise<Lower> {
  return (await ensureBase(paths, { product, osVersion: formatOsVersion(osVersion) })).lower;
}
