import { existsSync } from 'node:fs';
import { resolvePaths } from '../../platform/index.js';

/** Runs set-up where this machine has no runtime root yet, its progress on standard error. */
export async function prepareRuntime(): Promise<void> {
  if (existsSync(resolvePaths().runtime)) return;
}
