import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { resolvePaths, runtimeManifestName } from '../../platform/index.js';
import { printError } from '../streams/print.js';

/** Runs set-up where this machine has no runtime yet, its progress on standard error. */
export async function prepareRuntime(): Promise<void> {
  const paths = resolvePaths();
  if (existsSync(join(paths.runtime, runtimeManifestName))) return;
  const [{ ensureRuntime }, { printSetupEvent }] = await Promise.all([
    import('../../setup/index.js'),
    import('../print-setup-event.js'),
  ]);
  printError('Windowbox sets itself up, once:\n');
  await ensureRuntime(paths, { rebuild: false, report: printSetupEvent('text') });
}
