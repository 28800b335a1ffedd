import type { ModeVerdict } from './judge-pair.js';
import type { Disagreement, HostProfile, ImageTarget, IsolationMode, Warning } from './model.js';
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
  const revision = revisionWarning(question);
  const hostEnd = today === undefined ? undefined : hostEndWarning(host, today);
  const imageEnd = today === undefined ? undefined : imageEndWarning(image, today);
  const preview = image.osVersion === undefined || image.label.endsWith('preview') ? labelWarning(image) : undefined;
  if (revision === undefined && hostEnd === undefined && imageEnd === undefined && preview === undefined)
    return verdict.warnings;
  return [...verdict.warnings, preview, revision, hostEnd, imageEnd].filter((warning) => warning !== undefined);
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

function hostEndWarning({ name, release, edition }: HostProfile, today: string): Warning | undefined {
  const end = edition === 'Pro' ? (release?.endOfSupportPro ?? release?.endOfSupport) : release?.endOfSupport;
  if (end === undefined || end >= today) return undefined;
  return { kind: 'end-of-support', text: `${name} has had no support since ${end}.` };
}

function imageEndWarning({ base }: ImageTarget, today: string): Warning | undefined {
  const end = base?.endOfSupport;
  if (base === undefined || end === undefined || end >= today) return undefined;
  return { kind: 'end-of-support', text: `The base image ${base.canonical} has had no updates since ${end}.` };
}

function labelWarning({ osVersion, label }: ImageTarget): Warning | undefined {
  if (osVersion === undefined) return unstated;
  return label.endsWith(':win10-21h1-preview') ? preview : undefined;
}

const build2016 = 14393;
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
