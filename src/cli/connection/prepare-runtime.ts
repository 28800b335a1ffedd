import { resolvePaths } from '../../platform/index.js';
import { ensureRuntime } from '../../setup/index.js';
import { printSetupEvent } from '../print-setup-event.js';

/** Runs set-up where this machine has no runtime of this version yet, its progress on standard error. */
export async function prepareRuntime(): Promise<void> {
  await ensureRuntime(resolvePaths(), { rebuild: false, report: printSetupEvent('text') });
}
