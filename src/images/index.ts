export { type ResolveOptions } from './find-image.js';
export { type ImageStore, type ImageStoreOptions, openImageStore } from './image-store.js';
export { type ListOptions } from './list-images.js';
export { type PruneReport } from './prune-images.js';
export type * from './types.js';
