export {
  type BuildCommit,
  type BuildHost,
  type BuildImage,
  type ImageRequest,
  type RunOutcome,
  type RunRequest,
} from './build-host.js';
export { buildImages } from './build-images.js';
export { type BuildMessage, type BuildRequest, type Say } from './build-request.js';
export { applyChanges } from './apply-changes.js';
