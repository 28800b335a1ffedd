import { WindowboxError } from '../errors/index.js';
import { decide, type Verdict } from './decide.js';
import { mismatchAtStart, newerImageAtPull } from './docker-texts.js';
import { parseEngineVersion } from './engine-version.js';
import type { JudgeOptions } from './judge-pair.js';
import { hostReleases } from './data/host-releases.js';
import { profileOf } from './host-profile.js';
import type { HostKind, HostProfile, ImageTarget, IsolationMode } from './model.js';
import { waysOut } from './ways-out.js';

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
  const { host, isolation, containerId } = question;
  const verdict = decide({ ...question, isolation });
  const mode = verdict.modes[isolation];
  if (mode.answer !== 'refused') return undefined;
  const text =
    mode.failsLater === true
      ? `Cannot start container "${containerId}": ${mode.reason}`
      : mismatchAtStart({ engine: parseEngineVersion(host.engine), containerId });
  return new WindowboxError('unsupported', text, { hint: hintOf(verdict) });
}

/** Docker's refusal to pull an image that is newer than the host; undefined when the pull goes on. */
export function refusalAtPull(host: HostProfile, image: ImageTarget): WindowboxError | undefined {
  const { osVersion } = image;
  if (osVersion === undefined || host.liftsBuildRules || osVersion.build <= host.build) return undefined;
  const hostVersion = { major: 10, minor: 0, build: host.build };
  const text = newerImageAtPull(parseEngineVersion(host.engine), osVersion, hostVersion);
  if (text === undefined) return undefined;
  const other = firstHostThatPulls(osVersion.build, host.kind);
  if (other === undefined) return new WindowboxError('unsupported', text);
  const hint = `The first host that pulls it is ${other.name}.  windowbox host use ${other.id}`;
  return new WindowboxError('unsupported', text, { hint });
}

/** The oldest Windows that takes an image of this build, of the kind that is presented where there is one. */
export function firstHostThatPulls(build: number, kind: HostKind): HostProfile | undefined {
  const hosts = hostReleases.filter((release) => release.build >= build).toSorted((a, b) => a.build - b.build);
  const found = hosts.find((release) => release.kind === kind) ?? hosts[0];
  return found === undefined ? undefined : profileOf(found);
}

function hintOf(verdict: Verdict): string {
  const { host, image, isolation, modes } = verdict;
  const { reason, source } = modes[isolation];
  const why = `${host.name} refuses ${image.label} in ${isolation} isolation: ${reason} (${source.title}).`;
  const ways = waysOut(verdict).map(({ text, command }) => (command === undefined ? text : `${text}  ${command}`));
  return [why, ...ways].join('\n');
}
