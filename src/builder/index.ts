export {
  type BuildCommit,
  type BuildHost,
  type BuildImage,
  type ImageRequest,
  type RunOutcome,
  type RunRequest,
  type StepMount,
} from './build-host.js';
export { buildImages } from './build-images.js';
export { type BuildRequest, type ContextInput } from './build-request.js';
export { remoteContext } from './files/remote-context.js';
export { type BuildMessage, type Say, type StepEvent } from './voice/messages.js';
export { applyChanges } from './apply-changes.js';
export { type BuilderState, openBuilderState } from './mounts/builder-state.js';
export { cacheType } from './mounts/cache-filters.js';
export { type CachePrune, type CacheStore, type CacheView } from './mounts/cache-store.js';
