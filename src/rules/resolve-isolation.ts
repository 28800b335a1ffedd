import { WindowboxError } from '../errors/index.js';
import {
  invalidExecOptIsolation,
  invalidIsolation,
  mismatchAtStart,
  newerImageAtPull,
  processRefusedOnClient,
  unknownExecOpt,
} from './docker-texts.js';
import { parseEngineVersion } from './engine-version.js';
import { defaultIsolationOf } from './host-profile.js';
import { judgePair, type JudgeOptions } from './judge-pair.js';
import type { HostProfile, ImageTarget, IsolationMode } from './model.js';

export interface IsolationQuestion extends JudgeOptions {
  readonly host: HostProfile;
  /** `HostConfig.Isolation`: empty, `default`, `process`, `hyperv` or our `auto`; case does not matter. */
  readonly requested: string;
  /** The daemon's `exec-opts`: `["isolation=process"]`. */
  readonly execOpts?: readonly string[];
  /** Needed for `auto`. */
  readonly image?: ImageTarget;
}

export interface ResolvedIsolation {
  /** What `inspect` shows: Docker rewrites `default` at create. */
  readonly isolation: IsolationMode;
  readonly chosenBy: 'request' | 'exec-opts' | 'host' | 'auto';
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

/**
 * The daemon's default isolation, with its `exec-opts` checked as Docker does when it starts.
 *
 * @throws WindowboxError `invalid-argument` with Docker's words.
 */
export function defaultIsolation(host: HostProfile, execOpts: readonly string[] = []): ResolvedIsolation {
  let chosen: ResolvedIsolation = { isolation: defaultIsolationOf(host), chosenBy: 'host' };
  for (const option of execOpts) {
    const [key = '', value = ''] = option.split(/=(?<value>.*)/su);
    if (key.toLowerCase() !== 'isolation') throw new WindowboxError('invalid-argument', unknownExecOpt(option));
    const isolation = value.toLowerCase();
    if (isolation === 'default' || isolation === '') continue;
    if (isolation !== 'process' && isolation !== 'hyperv')
      throw new WindowboxError('invalid-argument', invalidExecOptIsolation(parseEngineVersion(host.engine), value));
    const refusal = isolation === 'process' ? clientRefusal(host) : undefined;
    if (refusal !== undefined) throw refusal;
    chosen = { isolation, chosenBy: 'exec-opts' };
  }
  return chosen;
}

export interface StartQuestion extends JudgeOptions {
  readonly host: HostProfile;
  readonly image: ImageTarget;
  readonly isolation: IsolationMode;
  readonly containerId: string;
}

/**
 * Why this container does not start, in Docker's words, with our reason and the ways out in the hint; undefined when it may start.
 * What is unknown starts: on Windows it would be tried too.
 */
export function refusalAtStart(question: StartQuestion): WindowboxError | undefined {
  const { host, image, isolation, containerId } = question;
  const verdict = judgePair(host, image, question)[isolation];
  if (verdict.answer !== 'refused') return undefined;
  const engine = parseEngineVersion(host.engine);
  return new WindowboxError('unsupported', mismatchAtStart({ engine, containerId }), {
    hint: `${host.name} refuses ${image.label} in ${isolation} isolation: ${verdict.reason} (${verdict.source.title}).`,
  });
}

/** Docker's refusal to pull an image that is newer than the host; undefined when the pull goes on. */
export function refusalAtPull(host: HostProfile, image: ImageTarget): WindowboxError | undefined {
  const { osVersion } = image;
  if (osVersion === undefined || host.liftsBuildRules || osVersion.build <= host.build) return undefined;
  const hostVersion = { major: 10, minor: 0, build: host.build };
  const text = newerImageAtPull(parseEngineVersion(host.engine), osVersion, hostVersion);
  return text === undefined ? undefined : new WindowboxError('unsupported', text);
}

function automatic(question: IsolationQuestion): ResolvedIsolation {
  const { host, image } = question;
  if (image === undefined) return { ...defaultIsolation(host, question.execOpts ?? []), chosenBy: 'auto' };
  const verdicts = judgePair(host, image, question);
  if (verdicts.process.answer === 'allowed') return { isolation: 'process', chosenBy: 'auto' };
  if (verdicts.hyperv.answer === 'allowed') return { isolation: 'hyperv', chosenBy: 'auto' };
  const refusal = refusalAtStart({ ...question, image, isolation: 'process', containerId: '<id>' });
  if (refusal !== undefined) throw refusal;
  return { ...defaultIsolation(host, question.execOpts ?? []), chosenBy: 'auto' };
}

function clientRefusal(host: HostProfile): WindowboxError | undefined {
  if (host.kind === 'server' || host.liftsBuildRules) return undefined;
  const text = processRefusedOnClient(parseEngineVersion(host.engine), host.build);
  if (text === undefined) return undefined;
  return new WindowboxError('invalid-argument', text, {
    hint: `${host.name} with Docker Engine ${host.engine} has Hyper-V isolation only: leave --isolation out, or use --isolation=hyperv.`,
  });
}
