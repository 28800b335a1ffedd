import { availableParallelism } from 'node:os';
import type { Resources } from '../runtime/index.js';

/** What a utility VM is made with. */
export interface VmSize {
  /** Mebibytes. */
  readonly memory: number;
  readonly processors: number;
}

const mebibyte = 1024 * 1024;
const defaultMemory = 1024;
const defaultProcessors = 2;

/**
 * Windows' rule for Hyper-V isolation: 1024 MB and 2 processors (1 where the host has 1); with a memory limit the limit and 256 MB
 * for the VM itself, rounded up to the next 512 MB; with a processor limit as many as it takes to use it.
 */
export function vmSize(resources: Resources, hostProcessors = availableParallelism()): VmSize {
  const wanted = resources.nanoCpus > 0 ? Math.ceil(resources.nanoCpus / 1e9) : defaultProcessors;
  return {
    memory: resources.memory > 0 ? Math.ceil((resources.memory / mebibyte + 256) / 512) * 512 : defaultMemory,
    processors: Math.max(1, Math.min(wanted, hostProcessors)),
  };
}
