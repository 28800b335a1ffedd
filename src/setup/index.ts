export { examine, type Finding } from './doctor/index.js';
export { type BaseIdentity, ensureBase } from './ensure-base.js';
export { ensureRuntime, type SetupOptions } from './ensure-runtime.js';
export { exportRuntime, importRuntime } from './move-runtime.js';
export type { Report, SetupEvent } from './progress.js';
export { pruneRuntime } from './prune-runtime.js';
export { findMissingPackages, type SystemPackage, systemPackages } from './system-packages.js';
