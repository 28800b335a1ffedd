import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cgroup, findHierarchies } from '../runtime-linux/index.js';
import type { Making } from './template.js';
import type { Accelerator, HypervRuntimeOptions } from './hyperv-runtime-options.js';

/** The options with their defaults. */
export interface Context {
  readonly options: HypervRuntimeOptions;
  readonly qemu: string;
  /** One folder a VM. */
  readonly machines: string;
  readonly images: string;
  readonly templates: string;
  readonly patienceMs: number;
  readonly log: (message: string) => void;
  /** Set when the daemon shuts down: a VM that is only being made a template of ends with it. */
  readonly closing: AbortController;
  /** Ids of the VMs that are being made templates of by this process. */
  readonly booting: Set<string>;
  /** Templates that are being made by this process, by id. */
  readonly making: Map<string, Making>;
  /** How many starts are between the look for their template and its use: meanwhile none is dropped that fits. */
  starting: number;
  /** What is found out once. */
  readonly found: { qemuVersion?: Promise<string>; accelerator?: Promise<Accelerator> };
}

export function makeContext(options: HypervRuntimeOptions): Context {
  return {
    options,
    qemu: options.qemu ?? 'qemu-system-x86_64',
    machines: join(options.run, 'hyperv'),
    images: join(options.cache, 'images'),
    templates: join(options.cache, 'templates'),
    patienceMs: options.patienceMs ?? 90_000,
    log: options.log ?? ((): void => undefined),
    closing: new AbortController(),
    booting: new Set(),
    making: new Map(),
    starting: 0,
    found: {},
  };
}

export async function prepareFolders(context: Context): Promise<void> {
  for (const folder of [context.machines, context.images, context.templates])
    await mkdir(folder, { recursive: true, mode: 0o711 });
}

/** A VM's folder. Its name is short whatever the id is, since sockets are in it. */
export function folderOf(context: Context, id: string): string {
  return join(context.machines, createHash('sha256').update(id).digest('hex').slice(0, 16));
}

export async function cgroupOf(context: Context, id: string): Promise<Cgroup> {
  const parent = context.options.cgroupParent ?? '/windowbox';
  return { path: `${parent}/${id}`, hierarchies: await findHierarchies() };
}

/** The user that QEMU runs as on the host, and Wine in the guest: the same number, so that shared folders fit. VM_USER of guest/vm/vm.h. */
export const vmUser = 64_810;
