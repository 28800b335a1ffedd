export {
  compareApiVersions,
  isAtLeast,
  negotiateApiVersion,
  newestApiVersion,
  oldestApiVersion,
} from './api-version.js';
export * from './container-create.js';
export type * from './container-shapes.js';
export type * from './event-shape.js';
export { incrementalHeader, type ListedEntry, listingEnd, listingLine, readListingLine } from './build-listing.js';
export { booleanFilter, checkFilterNames, type FilterMap, parseFilters } from './filters.js';
export { goTime, goTimeOfNanoseconds, logTime, zeroTime } from './go-time.js';
export { humanDuration } from './human-duration.js';
export { humanSize } from './human-size.js';
export * from './image-shapes.js';
export type * from './network-shapes.js';
export { parseBody } from './parse-body.js';
export * from './request-bodies.js';
export { createFrameDecoder, encodeFrame, type Frame, type FramedStream, frameHeader } from './stream-frame.js';
export { dockerTexts, goQuote } from './texts.js';
export { type ApiFeature, hasFeature } from './version-features.js';
