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
