import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSkeleton } from './bundle/skeleton.js';
import { type Cgroup, findHierarchies, type Hierarchy } from '../runtime-linux/index.js';
import type { ProcessRuntimeOptions } from './runtime-options.js';

/** The options with their defaults, and what is found out once. */
export interface Context {
  readonly options: ProcessRuntimeOptions;
  readonly ociRuntime: string;
  readonly ociState: string;
  readonly sandboxes: string;
  readonly skeleton: string;
  readonly log: (message: string) => void;
  /** Made at the first call. A failure is not remembered: the machine may be mended while we run. */
  prepareHost(): Promise<readonly Hierarchy[]>;
}

export function makeContext(options: ProcessRuntimeOptions): Context {
  let prepared: Promise<readonly Hierarchy[]> | undefined;
  const context = {
    options,
    ociRuntime: options.ociRuntime ?? 'runc',
    ociState: join(options.run, 'runc'),
    sandboxes: join(options.run, 'sandboxes'),
    skeleton: join(options.run, 'skeleton'),
    log: options.log ?? ((): void => undefined),
    prepareHost: async (): Promise<readonly Hierarchy[]> => {
      prepared ??= prepare(context).catch((error: unknown) => {
        prepared = undefined;
        throw error;
      });
      return prepared;
    },
  };
  return context;
}

async function prepare(context: Pick<Context, 'sandboxes' | 'ociState' | 'skeleton'>): Promise<readonly Hierarchy[]> {
  await mkdir(context.sandboxes, { recursive: true, mode: 0o700 });
  await mkdir(context.ociState, { recursive: true, mode: 0o700 });
  await makeSkeleton(context.skeleton);
  return findHierarchies();
}

export async function cgroupOf(context: Context, instance: string): Promise<Cgroup> {
  return { path: cgroupsPath(context, instance), hierarchies: await context.prepareHost() };
}

export function cgroupsPath(context: Context, instance: string): string {
  return join(context.options.cgroupParent ?? '/windowbox', instance);
}
