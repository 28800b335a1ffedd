export { type ResolveOptions } from './find-image.js';
export { type ImageStore, type ImageStoreOptions, openImageStore } from './image-store.js';
export { type ListOptions } from './list-images.js';
export { type PruneReport } from './prune-images.js';
export { type Credentials } from './registry/credentials.js';
export { type RegistrySettings } from './registry/registry-settings.js';
export { type PullOptions, type PushOptions, type Report, type TransferProgress } from './transfer.js';
export type * from './types.js';
