import { sources } from '../data/sources.js';
import type { Opinion, Opinions, Ruleset, Source } from '../model.js';

/** hcsshim's `CheckHostAndContainerCompat`, process isolation only. */
export const hcsshimRuleset: Ruleset = makeRuleset('hcsshim', sources.hcsshim);

/** containerd's copy of the same rule, which decides which manifest a pull takes. */
export const containerdRuleset: Ruleset = makeRuleset('containerd', sources.containerd);

/**
 * Below build 20348 the builds must be equal. From there on an image runs when it is not newer than the host and not older than the newest
 * stable ABI (20348, 26100) strictly below the host: 26100 still takes 20348, 26200 does not.
 */
export function stableAbiAccepts(hostBuild: number, imageBuild: number): boolean {
  if (hostBuild < firstStableAbi) return imageBuild === hostBuild;
  const floor = hostBuild > secondStableAbi ? secondStableAbi : firstStableAbi;
  return imageBuild >= floor && imageBuild <= hostBuild;
}

function makeRuleset(name: string, source: Source): Ruleset {
  const hyperv: Opinion = { answer: 'unknown', reason: 'this rule is about process isolation', source };
  const accepted: Opinions = {
    process: { answer: 'allowed', reason: 'same build, or one that the stable ABI covers', source },
    hyperv,
  };
  const denied: Opinions = {
    process: { answer: 'refused', reason: 'another build, and no stable ABI covers it', source },
    hyperv,
  };
  return {
    name,
    summary: 'stable ABI code, process isolation only',
    source,
    judge: ({ hostBuild, imageBuild }) => (stableAbiAccepts(hostBuild, imageBuild) ? accepted : denied),
  };
}

const firstStableAbi = 20348;
const secondStableAbi = 26100;
