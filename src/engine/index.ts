export { engineMigrations } from './container-store.js';
export type * from './dependencies.js';
export type * from './engine.js';
export { makeEngine } from './make-engine.js';
export type * from './types.js';
export { noMountOptions } from './volumes/parse-mount.js';
export { configuredEndpoints, networkName } from './lifecycle/change-networks.js';
