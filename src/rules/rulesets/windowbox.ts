import { sources } from '../data/sources.js';
import { engine } from '../engine-version.js';
import type { Opinion, Pair, Ruleset } from '../model.js';
import { hasTableRow, microsoftRuleset } from './microsoft.js';
import { hcsshimRuleset } from './stable-abi.js';

/**
 * The default. In order: a newer image never runs; Hyper-V isolation runs every same or older build; a client with the image's own build runs it in
 * process isolation as the FAQ says; a 1909 host accepts older builds; then Microsoft's newest row; then the stable ABI where no row is.
 */
export const windowboxRuleset: Ruleset = {
  name: 'windowbox',
  summary: 'the default: Microsoft’s newest row, its FAQ for clients, 1909’s relaxation, else the stable ABI',
  source: { title: 'Windowbox', where: 'docs/reference/rulesets.md' },
  judge: (pair) => ({ process: judgeProcess(pair), hyperv: pair.imageBuild > pair.hostBuild ? newer : hyperv }),
};

function judgeProcess(pair: Pair): Opinion {
  const { kind, hostBuild, imageBuild } = pair;
  if (imageBuild > hostBuild) return newer;
  if (kind === 'client' && imageBuild === hostBuild && hostBuild >= firstClientBuild)
    return pair.engine >= engine(18, 9, 1) ? faq : tooOldEngine;
  if (hostBuild === build1909 && imageBuild < build1909) return accepts1909;
  if (kind === 'server' && imageBuild === hostBuild) return same;
  if (hasTableRow(pair)) return microsoft.judge(pair).process;
  const { process } = microsoft.judge(pair);
  return process.source === sources.portability ? process : hcsshimRuleset.judge(pair).process;
}

const build1909 = 18363;
const firstClientBuild = 17763;
const microsoft = microsoftRuleset();

const newer: Opinion = {
  answer: 'refused',
  reason: 'the image is newer than the host; a newer image never runs on an older host, in neither isolation',
  source: sources.newerNeverOnOlder,
};
const hyperv: Opinion = {
  answer: 'allowed',
  reason: 'Hyper-V isolation gives the image its own kernel, so the same or an older build runs',
  source: sources.hypervAnyOlder,
};
const faq: Opinion = {
  answer: 'allowed',
  reason: 'a client runs an image of its own build in process isolation, for test and development',
  source: sources.faq,
};
const tooOldEngine: Opinion = {
  answer: 'refused',
  reason: 'Docker before 18.09.1 gives Windows clients Hyper-V isolation only',
  source: sources.dockerClient,
};
const accepts1909: Opinion = {
  answer: 'allowed',
  reason: 'a host of version 1909 accepts images of older builds in process isolation',
  source: sources.accept1909,
};
const same: Opinion = {
  answer: 'allowed',
  reason: 'the image’s build is the host’s build',
  source: sources.mismatchBlocked,
};
