import type { ModeVerdict } from './judge-pair.js';
import type { Base, Disagreement, HostProfile, HostRelease, ImageTarget, IsolationMode, Warning } from './model.js';
import { isAheadOfHost } from './revision-rules.js';

export interface WarningQuestion {
  readonly host: HostProfile;
  readonly image: ImageTarget;
  readonly isolation: IsolationMode;
  readonly verdict: ModeVerdict;
  /** ISO date; undefined: nothing is said of ends of support. */
  readonly today: string | undefined;
}

/** What may go wrong although the answer is "allowed", and what has ended. */
export function warningsFor(question: WarningQuestion): readonly Warning[] {
  const { host, image, verdict, today } = question;
  let warnings = verdict.warnings;
  warnings = withWarning(warnings, labelWarning(image));
  warnings = withWarning(warnings, revisionWarning(question));
  if (today === undefined) return warnings;
  warnings = withWarning(warnings, hostEndWarning(host, today));
  return withWarning(warnings, imageEndWarning(image, today));
}

function withWarning(warnings: readonly Warning[], warning: Warning | undefined): readonly Warning[] {
  if (warning === undefined) return warnings;
  return warnings.length === 0 ? [warning] : [...warnings, warning];
}

/** What the other sources say, as warnings: users' reports and Microsoft's page. Part of a remembered verdict. */
export function disputeWarnings(disagreements: readonly Disagreement[]): readonly Warning[] {
  return disagreements.flatMap(({ ruleset, reason, source }): Warning[] => {
    if (ruleset === 'observed') return [{ kind: 'report', text: `Reported: ${reason}.` }];
    if (ruleset !== 'microsoft') return [];
    return [{ kind: 'disputed', text: `Microsoft’s page says otherwise: ${reason} (${source.date ?? ''}).` }];
  });
}

function revisionWarning({ host, image, isolation, verdict }: WarningQuestion): Warning | undefined {
  if (isolation !== 'process' || verdict.answer !== 'allowed' || host.liftsBuildRules) return undefined;
  if (isAheadOfHost(host, image)) return aheadOfHost;
  const isUnknown = host.revision === undefined || image.osVersion?.revision === undefined;
  return host.build === build2016 && isUnknown ? unknownRevision : undefined;
}

function hostEndWarning({ release, edition }: HostProfile, today: string): Warning | undefined {
  if (release === undefined) return undefined;
  const end = edition === 'Pro' ? (release.endOfSupportPro ?? release.endOfSupport) : release.endOfSupport;
  return end < today ? remembered(edition === 'Pro' ? proEnds : ends, release, end) : undefined;
}

function imageEndWarning({ base }: ImageTarget, today: string): Warning | undefined {
  const end = base?.endOfSupport;
  if (base === undefined || end === undefined || end >= today) return undefined;
  return remembered(ends, base, end);
}

/** The same sentence a million times over a fleet is made once. */
function remembered(memory: WeakMap<HostRelease | Base, Warning>, what: HostRelease | Base, end: string): Warning {
  const known = memory.get(what);
  if (known !== undefined) return known;
  const text =
    'name' in what
      ? `${what.name} has had no support since ${end}.`
      : `The base image ${what.canonical} has had no updates since ${end}.`;
  const warning: Warning = { kind: 'end-of-support', text };
  memory.set(what, warning);
  return warning;
}

function labelWarning({ osVersion, label }: ImageTarget): Warning | undefined {
  if (osVersion === undefined) return unstated;
  return osVersion.build === previewBuild && label.endsWith(':win10-21h1-preview') ? preview : undefined;
}

const ends = new WeakMap<HostRelease | Base, Warning>();
const proEnds = new WeakMap<HostRelease | Base, Warning>();
const build2016 = 14393;
const previewBuild = 20348;
const aheadOfHost: Warning = {
  kind: 'revision',
  text: 'The image’s revision is newer than the host’s: process isolation may end with 0xc0370106 until the host is updated.',
};
const unknownRevision: Warning = {
  kind: 'revision',
  text: 'Windows Server 2016 compares the revision too, and one of the two is unknown.',
};
const unstated: Warning = {
  kind: 'unstated',
  text: 'The image states no os.version: whether it runs shows only at start.',
};
const preview: Warning = {
  kind: 'preview',
  text: 'These images were for Windows 10 21H1 until Windows 11 came, in Hyper-V isolation, and were withdrawn.',
};
