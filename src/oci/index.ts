export { type Digest, formatDigest, isDigest, parseDigest } from './digest.js';
export {
  compareOsVersions,
  formatBuildVersion,
  formatOsVersion,
  type OsVersion,
  parseOsVersion,
} from './os-version.js';
export { formatPlatform, parsePlatform, type Platform } from './platform.js';
export {
  familiarName,
  familiarReference,
  formatReference,
  type ImageReference,
  parseReference,
  withDefaultTag,
} from './reference.js';
export {
  type HistoryEntry,
  type ImageConfig,
  type ImageHealthcheck,
  type ImageProcessConfig,
  parseImageConfig,
  parseJson,
} from './image-config.js';
export { type Descriptor, type ImageIndex, type Manifest, parseManifest, statedType } from './manifest.js';
export { isForeignLayerType, isIndexType, isManifestType, layerCompression, mediaTypes } from './media-types.js';
