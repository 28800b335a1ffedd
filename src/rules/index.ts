export { describeHost, type HostInfo } from './docker-info.js';
export {
  daemonRefusesBuild,
  invalidIsolation,
  mismatchAtStart,
  newerImageAtPull,
  noMatchingManifest,
  processRefusedOnClient,
} from './docker-texts.js';
export { parseEngineVersion } from './engine-version.js';
export { defaultHostId, hostIds, hostProfile, profileOfBuild, type ProfileOptions } from './host-profile.js';
export { targetOfBase, targetOfOsVersion } from './image-target.js';
export { type Disagreement, judgePair, type JudgeOptions, type ModeVerdict, type ModeVerdicts } from './judge-pair.js';
export type * from './model.js';
export { allBases, baseRepositories, findBase, resolveBase, tagsOf } from './resolve-base.js';
export {
  defaultIsolation,
  type IsolationQuestion,
  refusalAtPull,
  refusalAtStart,
  resolveIsolation,
  type ResolvedIsolation,
  type StartQuestion,
} from './resolve-isolation.js';
export { defaultRuleset, findRuleset, microsoftDates, rulesets } from './rulesets/index.js';
