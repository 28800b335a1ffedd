export { ensureRuntime, type SetupOptions } from './ensure-runtime.js';
export type { Report, SetupEvent } from './progress.js';
