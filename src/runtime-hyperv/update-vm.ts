import { WindowboxError } from '../errors/index.js';
import type { Resources } from '../runtime/index.js';
import { cgroupOf, type Context } from './context.js';
import { limitVm } from './vm-cgroup.js';
import type { VmRecord } from './vm-record.js';
import { vmSize } from './vm-size.js';

/**
 * Changes what can change while a VM runs: its share of the processors. Its memory is soldered in.
 *
 * @throws WindowboxError `unsupported` for another size of memory.
 */
export async function updateVm(context: Context, record: VmRecord, resources: Resources): Promise<void> {
  const { memory } = vmSize(resources);
  if (resources.memory > 0 && memory !== record.memory)
    throw new WindowboxError(
      'unsupported',
      `Cannot update container "${record.id}": the memory of a running utility VM cannot change`,
      { hint: 'Stop it first: its next start has the memory that "update" has set by then.' },
    );
  await limitVm(await cgroupOf(context, record.id), record.memory, resources);
}
