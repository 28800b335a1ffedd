import { sources } from '../data/sources.js';
import { engine } from '../engine-version.js';
import type { Opinions, Ruleset } from '../model.js';

/** Docker's own pull: refuses an image of a newer build than the host, in whichever isolation; older ones pass. Since 18.04. */
export const dockerPullRuleset: Ruleset = {
  name: 'docker-pull',
  summary: 'Docker refuses to pull a newer image, in whichever isolation',
  source: sources.dockerPull,
  judge: (pair) => {
    if (pair.engine < engine(18, 4)) return unchecked;
    return pair.imageBuild > pair.hostBuild ? refused : passed;
  },
};

const refused = both('refused', 'the image is newer than the host, so the pull is refused');
const passed = both('allowed', 'the pull is not refused');
const unchecked = both('unknown', 'Docker before 18.04 did not check');

function both(answer: 'allowed' | 'refused' | 'unknown', reason: string): Opinions {
  const opinion = { answer, reason, source: sources.dockerPull };
  return { process: opinion, hyperv: opinion };
}
