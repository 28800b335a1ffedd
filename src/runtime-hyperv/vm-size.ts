import { availableParallelism } from 'node:os';
import type { Resources } from '../runtime/index.js';

/** What programs see of a utility VM. */
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

/**
 * Mebibytes that QEMU gives the VM so that programs see `memory` of them (GlobalMemoryStatusEx, `os.totalmem()`): the guest's kernel
 * takes 41 MB and 1/64 for its own tables, measured with Debian's 6.12.
 */
export function machineMemory(memory: number): number {
  return memory + 42 + Math.ceil(memory / 64);
}
