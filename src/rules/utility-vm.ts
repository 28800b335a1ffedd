/** Resources of a Hyper-V-isolated container's VM. */
export interface UtilityVmSize {
  /** Bytes. */
  readonly memory: number;
  readonly processors: number;
  /** What the caller must be told: a request that was cut down. */
  readonly warnings: readonly string[];
}

export interface UtilityVmRequest {
  /** Bytes; 0 or absent: no limit was set. */
  readonly memoryLimit?: number;
  /** Billionths of a processor, as `--cpus`; 0 or absent: none was set. */
  readonly nanoCpus?: number;
  readonly hostProcessors: number;
}

/**
 * How big the VM is: 1024 MB and 2 processors (1 where the host has 1); with a memory limit, limit + 256 MB rounded up to the next 512 MB; with `--cpus`,
 * that many processors, rounded up, at most the host's.
 *
 * Sources: microsoft/hcsshim internal/uvm/create.go newDefaultOptions and internal/vm/vmutils/normalize.go;
 * MicrosoftDocs/Virtualization-Documentation#477; moby daemon/oci_windows.go. Disagrees: Virtualization-Documentation#954 says 2 GB.
 */
export function utilityVmSize({ memoryLimit = 0, nanoCpus = 0, hostProcessors }: UtilityVmRequest): UtilityVmSize {
  const memory = memoryLimit === 0 ? defaultMemory : Math.ceil((memoryLimit + overhead) / step) * step;
  const wanted = nanoCpus === 0 ? defaultProcessors : Math.ceil(nanoCpus / 1e9);
  const processors = Math.max(1, Math.min(wanted, hostProcessors));
  const cut = nanoCpus !== 0 && processors < wanted;
  const warning = `The VM gets ${String(processors)} processors instead of ${String(wanted)}: the host has no more.`;
  return { memory, processors, warnings: cut ? [warning] : [] };
}

const megabyte = 1024 * 1024;
const defaultMemory = 1024 * megabyte;
const defaultProcessors = 2;
const overhead = 256 * megabyte;
const step = 512 * megabyte;
