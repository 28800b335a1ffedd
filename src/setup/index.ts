export { type BaseIdentity, ensureBase } from './ensure-base.js';
export { ensureRuntime, type SetupOptions } from './ensure-runtime.js';
export type { Report, SetupEvent } from './progress.js';
export { findMissingPackages, type SystemPackage, systemPackages } from './system-packages.js';
