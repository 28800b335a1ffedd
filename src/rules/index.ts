export { defaultIsolation, type ResolvedIsolation } from './default-isolation.js';
export { decide, isGood, type Question, type Verdict } from './decide.js';
export { describeHost, type HostInfo } from './docker-info.js';
export { indexRefusal, type Refusal } from './docker-refusals.js';
export {
  daemonRefusesBuild,
  invalidIsolation,
  mismatchAtStart,
  newerImageAtPull,
  noMatchingManifest,
  processRefusedOnClient,
} from './docker-texts.js';
export { parseEngineVersion } from './engine-version.js';
export { explain, explainedHcsErrors, type Explanation } from './explain.js';
export { defaultHostId, hostIds, hostProfile, profileOfBuild, type ProfileOptions } from './host-profile.js';
export { hostAnnotations, hostOfAnnotations, hostOfConfiguration, type HostSetting } from './host-setting.js';
export { osVersionText, targetOfBase, targetOfOsVersion } from './image-target.js';
export { judgeModes } from './judge-modes.js';
export { judgePair, type JudgeOptions, type ModeVerdict, type ModeVerdicts } from './judge-pair.js';
export { judgeLicence, type LicenceQuestion, type LicenceVerdict, type Purpose } from './licence.js';
export type * from './model.js';
export {
  chooseFromIndex,
  type ImageDocument,
  parseJsonDocuments,
  readHostDocument,
  readImageDocument,
} from './read-documents.js';
export { readImage } from './read-image.js';
export { allBases, baseRepositories, findBase, resolveBase, tagsForBase, tagsOf } from './resolve-base.js';
export { firstHostThatPulls, refusalAtPull, refusalAtStart, type StartQuestion } from './refusals.js';
export { type IsolationQuestion, resolveIsolation } from './resolve-isolation.js';
export { defaultRuleset, findRuleset, microsoftDates, rulesets } from './rulesets/index.js';
export { utilityVmSize, type UtilityVmRequest, type UtilityVmSize } from './utility-vm.js';
export { newestBaseFor, type WayOut, waysOut } from './ways-out.js';
