import { WindowboxError } from '../errors/index.js';
import { invalidIsolation } from './docker-texts.js';
import type { Refusal } from './docker-refusals.js';
import { judgeLicence, type LicenceVerdict, type Purpose } from './licence.js';
import { judgeModes } from './judge-modes.js';
import type { JudgeOptions, ModeVerdicts } from './judge-pair.js';
import type { Answer, HostProfile, ImageTarget, IsolationMode, Warning } from './model.js';
import { defaultIsolation } from './default-isolation.js';
import { warningsFor } from './warnings.js';

export interface Question extends JudgeOptions {
  readonly host: HostProfile;
  readonly image: ImageTarget;
  /** `default` (also when absent), `process`, `hyperv` or `auto`. */
  readonly isolation?: string;
  readonly execOpts?: readonly string[];
  readonly purpose?: Purpose;
  readonly hypervContainers?: number;
  /** ISO date, for ends of support. */
  readonly today?: string;
}

/** What the rules say of an image on a host. Plain data. */
export interface Verdict {
  readonly host: HostProfile;
  readonly image: ImageTarget;
  readonly ruleset: string;
  readonly strict: boolean;
  readonly modes: ModeVerdicts;
  /** What this host starts when nothing is asked for. */
  readonly defaultIsolation: IsolationMode;
  /** The mode that the question comes down to. */
  readonly isolation: IsolationMode;
  /** Whether it runs in that mode; the licence is apart. */
  readonly answer: Answer;
  /** Docker's refusals on the way, in order. A pull is refused before a start is tried. */
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly licence: LicenceVerdict;
}

/**
 * Decides one image on one host.
 *
 * @throws WindowboxError `invalid-argument` or `not-found` for an isolation, ruleset or exec-opt that does not exist.
 */
export function decide(question: Question): Verdict {
  const { host, image } = question;
  const modes = judgeModes(host, image, question);
  const ofHost = defaultIsolation(host, question.execOpts ?? noOptions).isolation;
  const isolation = isolationFor(question.isolation, modes, ofHost);
  const verdict = modes[isolation];
  const { answer } = verdict;
  return {
    host,
    image,
    ruleset: verdict.ruleset,
    strict: question.strict === true,
    modes,
    defaultIsolation: ofHost,
    isolation,
    answer,
    refusals: verdict.refusals,
    warnings: warningsFor({ host, image, isolation, verdict, today: question.today }),
    licence: judgeLicence({
      host,
      isolation,
      purpose: question.purpose,
      hypervContainers: question.hypervContainers,
    }),
  };
}

/** Runs, in the mode asked for and under the licence: exit code 0 of `check`. */
export function isGood({ answer, licence }: Verdict): boolean {
  return answer === 'allowed' && licence.answer !== 'refused';
}

function isolationFor(asked: string | undefined, modes: ModeVerdicts, ofHost: IsolationMode): IsolationMode {
  if (asked === undefined) return ofHost;
  const requested = asked.toLowerCase();
  if (requested === 'process' || requested === 'hyperv') return requested;
  if (requested === '' || requested === 'default') return ofHost;
  if (requested !== 'auto') throw new WindowboxError('invalid-argument', invalidIsolation(asked));
  if (modes.process.answer === 'allowed') return 'process';
  return modes.hyperv.answer === 'allowed' ? 'hyperv' : ofHost;
}

const noOptions: readonly string[] = [];
