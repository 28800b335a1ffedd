import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from './context.js';
import { dropTemplate, dropUnfinished } from './kept-templates.js';
import { describeBases, listTemplates, sizeOf, type TemplateView } from './list-templates.js';
import { planLayers } from './plan-layers.js';
import { withTemplate } from './template.js';
import { vmSize } from './vm-size.js';

/** What was booted beforehand, and can be made again at any time. */
export interface HypervTemplates {
  /** `shared`: bytes of the disk images that templates have in common. */
  list(): Promise<{ readonly templates: readonly TemplateView[]; readonly shared: number }>;
  /**
   * Makes the template of a base in the default size, if there is none: 10 s and more. `lower`: layers of a container on it.
   *
   * @throws WindowboxError `invalid-argument` when there is no base at the bottom.
   */
  make(
    lower: readonly string[],
    report: (step: { readonly base: string; readonly text: string }) => void,
  ): Promise<MadeTemplate>;
  /** Drops those that fit no more, with `all` every one that no VM of this engine runs on, and the disk images that are then not needed. */
  prune(options: { readonly all: boolean }): Promise<{ readonly removed: readonly string[]; readonly bytes: number }>;
}

export interface MadeTemplate {
  readonly base: string;
  /** False: it was there. */
  readonly made: boolean;
  readonly milliseconds: number;
}

export function hypervTemplates(context: Context): HypervTemplates {
  return {
    list: async () => {
      const templates = await listTemplates(context);
      return { templates: templates.map(({ view }) => view), shared: await sizeOf(context.images) };
    },
    make: async (lower, report) => make(context, lower, report),
    prune: async ({ all }) => prune(context, all),
  };
}

/** As `make`, for whoever only wants it to be there. */
export async function prepareTemplate(context: Context, lower: readonly string[]): Promise<void> {
  await make(context, lower, () => undefined);
}

async function make(
  context: Context,
  lower: readonly string[],
  report: Parameters<HypervTemplates['make']>[1],
): Promise<MadeTemplate> {
  const { bases } = planLayers(context, { lower, folder: context.machines });
  const base = describeBases({ bases: bases.map((folder) => folder.split('/').at(-1) ?? '') });
  const size = vmSize({ memory: 0, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 });
  const begun = Date.now();
  let made = false;
  await withTemplate(
    context,
    { size, bases },
    {
      report: (text) => {
        made = true;
        report({ base, text });
      },
      act: async () => undefined,
    },
  );
  return { base, made, milliseconds: Date.now() - begun };
}

async function prune(context: Context, all: boolean): Promise<{ readonly removed: string[]; readonly bytes: number }> {
  const removed: string[] = [];
  const kept = new Set<string>();
  let bytes = 0;
  for (const { view, notes } of await listTemplates(context)) {
    // A start that is under way may be about to use any of them.
    const goes = view.users === 0 && (view.stale || (all && context.starting === 0));
    if (!goes) {
      for (const image of notes?.images ?? []) kept.add(image);
      continue;
    }
    await dropTemplate(join(context.templates, view.id));
    removed.push(view.id);
    bytes += view.size;
  }
  await dropUnfinished(context);
  return { removed, bytes: bytes + (await dropImages(context, kept)) };
}

async function dropImages(context: Context, kept: ReadonlySet<string>): Promise<number> {
  let bytes = 0;
  const names = await readdir(context.images).catch(() => []);
  for (const name of names.filter((each) => each.endsWith('.erofs') && !kept.has(each))) {
    if (context.starting > 0) break;
    const path = join(context.images, name);
    const { blocks } = await stat(path);
    await rm(path, { force: true });
    bytes += blocks * 512;
  }
  return bytes;
}
