import { type Cgroup, readStats } from '../runtime-linux/index.js';
import type { SandboxStats } from '../runtime/index.js';
import type { ControlLink } from './control-link.js';

const askMs = 20_000;

/**
 * Processor time and disk traffic of the whole VM, as the host counts them; memory and processes as the guest sees them, since the
 * host cannot tell a guest's used pages from its free ones. Without a guest that answers (paused) the memory is the VM's.
 */
export async function readVmStats(cgroup: Cgroup, control: ControlLink | undefined): Promise<SandboxStats> {
  const host = await readStats(cgroup);
  if (control === undefined) return host;
  const numbers = parseNumbers(await control.ask(['numbers'], askMs));
  const memory = Math.max(0, (numbers.get('total') ?? 0) - (numbers.get('available') ?? 0)) * 1024;
  return {
    ...host,
    memory,
    memoryPeak: Math.max(memory, host.memoryPeak),
    memoryPrivate: (numbers.get('anonymous') ?? 0) * 1024,
    processCount: numbers.get('processes') ?? 0,
  };
}

/** Lines NAME=NUMBER from the guest; what is not a number is left out. */
function parseNumbers(text: string): ReadonlyMap<string, number> {
  const pairs = text.split('\n').map((line) => line.split('='));
  return new Map(
    pairs.flatMap(([name = '', value = '']) => (/^\d{1,15}$/u.test(value) ? [[name, Number(value)] as const] : [])),
  );
}
