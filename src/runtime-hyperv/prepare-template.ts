import { type Context, makeContext } from './context.js';
import type { HypervRuntimeOptions } from './hyperv-runtime-options.js';
import { planLayers } from './plan-layers.js';
import { ensureTemplate } from './template.js';
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
