import { judgePair, type JudgeOptions, type ModeVerdicts } from './judge-pair.js';
import type { HostProfile, ImageTarget } from './model.js';
import { judgeRevision } from './revision-rules.js';

/** {@link judgePair} with what the revisions add. */
export function judgeModes(host: HostProfile, image: ImageTarget, options: JudgeOptions): ModeVerdicts {
  const modes = judgePair(host, image, options);
  const process = judgeRevision(host, image, modes.process);
  return process === modes.process ? modes : { process, hyperv: modes.hyperv };
}
