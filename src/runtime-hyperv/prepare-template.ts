import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Context, makeContext } from './context.js';
import type { HypervRuntimeOptions } from './hyperv-runtime-options.js';
import { planLayers } from './plan-layers.js';
import { ensureTemplate, listTemplates } from './template.js';
import { vmSize } from './vm-size.js';

/** Makes the template of a base in the default size, if there is none: 10 s and more. `lower`: layers of a container on it. */
export async function prepareTemplate(context: Context, lower: readonly string[]): Promise<void> {
  const { bases } = planLayers(context, { lower, folder: context.machines }, false);
  await ensureTemplate(context, { size: vmSize({ memory: 0, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 }), bases });
}

/** The same for whoever has no runtime at hand: the set-up of a machine. */
export async function makeHypervTemplate(options: HypervRuntimeOptions, lower: readonly string[]): Promise<void> {
  await prepareTemplate(makeContext(options), lower);
}

/** Drops every template of this cache and resolves with the bytes that they took. VMs that run on one go on. */
export async function dropHypervTemplates(options: HypervRuntimeOptions): Promise<number> {
  let bytes = 0;
  for (const { folder } of await listTemplates(makeContext(options))) {
    const { blocks } = await stat(join(folder, 'memory')).catch(() => ({ blocks: 0 }));
    await rm(folder, { recursive: true, force: true });
    bytes += blocks * 512;
  }
  return bytes;
}
