import { randomBytes } from 'node:crypto';
import type { Layer } from '../runtime/index.js';
import type { Context } from './context.js';
import { openSandbox } from './sandbox.js';
import { startVm } from './start-vm.js';

/**
 * Brings what a VM that died left on its disk into the layer's folder, by a VM that lives for just that: the host does not mount
 * a file system that a guest wrote.
 */
export async function settleDisk(context: Context, layer: Layer): Promise<void> {
  const vm = await startVm(context, {
    id: `settle-${randomBytes(8).toString('hex')}`,
    hostname: 'settle',
    layer,
    pristine: false,
    mounts: [],
    resources: { memory: 0, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 },
    network: { mode: 'none' },
  });
  const { sandbox } = openSandbox(context, vm, () => undefined);
  await sandbox.stop({ keepLayer: true });
}
