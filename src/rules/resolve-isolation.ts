import { WindowboxError } from '../errors/index.js';
import { clientRefusal, defaultIsolation, type ResolvedIsolation } from './default-isolation.js';
import { invalidIsolation } from './docker-texts.js';
import { judgeModes } from './judge-modes.js';
import type { JudgeOptions } from './judge-pair.js';
import type { HostProfile, ImageTarget } from './model.js';
import { refusalAtStart } from './refusals.js';

export interface IsolationQuestion extends JudgeOptions {
  readonly host: HostProfile;
  /** `HostConfig.Isolation`: empty, `default`, `process`, `hyperv` or our `auto`; case does not matter. */
  readonly requested: string;
  /** The daemon's `exec-opts`: `["isolation=process"]`. */
  readonly execOpts?: readonly string[];
  /** Needed for `auto`. */
  readonly image?: ImageTarget;
}

/**
 * Which mode a container gets, decided at create as Docker does: the request, else the daemon's `exec-opts`, else the host's default.
 * Docker does not look at the image here; a mismatch comes at start, see {@link refusalAtStart}. `auto` does look.
 *
 * @throws WindowboxError `invalid-argument` with Docker's words for an unknown value, and for process isolation on a client whose engine
 * refuses it; for `auto`, the error of {@link refusalAtStart} for process isolation when neither mode runs the image.
 */
export function resolveIsolation(question: IsolationQuestion): ResolvedIsolation {
  const { host } = question;
  const requested = question.requested.toLowerCase();
  if (requested === '' || requested === 'default') return defaultIsolation(host, question.execOpts ?? []);
  if (requested === 'auto') return automatic(question);
  if (requested !== 'process' && requested !== 'hyperv')
    throw new WindowboxError('invalid-argument', invalidIsolation(question.requested));
  const refusal = requested === 'process' ? clientRefusal(host) : undefined;
  if (refusal !== undefined) throw refusal;
  return { isolation: requested, chosenBy: 'request' };
}

function automatic(question: IsolationQuestion): ResolvedIsolation {
  const { host, image } = question;
  if (image === undefined) return { ...defaultIsolation(host, question.execOpts ?? []), chosenBy: 'auto' };
  const verdicts = judgeModes(host, image, question);
  if (verdicts.process.answer === 'allowed') return { isolation: 'process', chosenBy: 'auto' };
  if (verdicts.hyperv.answer === 'allowed') return { isolation: 'hyperv', chosenBy: 'auto' };
  const refusal = refusalAtStart({ ...question, image, isolation: 'process', containerId: '<id>' });
  if (refusal !== undefined) throw refusal;
  return { ...defaultIsolation(host, question.execOpts ?? []), chosenBy: 'auto' };
}
