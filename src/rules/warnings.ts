import type { ModeVerdict } from './judge-pair.js';
import type { HostProfile, ImageTarget, IsolationMode } from './model.js';
import { isAheadOfHost } from './revision-rules.js';

export interface Warning {
  readonly kind: 'end-of-support' | 'revision' | 'disputed' | 'report' | 'preview' | 'unstated';
  /** One full sentence. */
  readonly text: string;
}

export interface WarningQuestion {
  readonly host: HostProfile;
  readonly image: ImageTarget;
  readonly isolation: IsolationMode;
  readonly verdict: ModeVerdict;
  /** ISO date; absent: nothing is said of ends of support. */
  readonly today?: string;
}

/** What may go wrong although the answer is "allowed", and what has ended. */
export function warningsFor(question: WarningQuestion): readonly Warning[] {
  const { host, image, isolation, verdict, today } = question;
  let warnings: Warning[] = none;
  const add = (kind: Warning['kind'], text: string): void => {
    if (warnings === none) warnings = [];
    warnings.push({ kind, text });
  };
  if (today !== undefined) addEnds(add, host, image, today);
  if (image.osVersion === undefined)
    add('unstated', 'The image states no os.version: whether it runs shows only at start.');
  if (image.label.endsWith(':win10-21h1-preview'))
    add(
      'preview',
      'These images were for Windows 10 21H1 until Windows 11 came, in Hyper-V isolation, and were withdrawn.',
    );
  if (isolation !== 'process' || verdict.answer !== 'allowed') return warnings;
  if (isAheadOfHost(host, image))
    add(
      'revision',
      'The image is newer than the host by its revision: process isolation may end with 0xc0370106 until the host is updated.',
    );
  if (host.build === 14393 && (host.revision === undefined || image.osVersion?.revision === undefined))
    add('revision', 'Windows Server 2016 compares the revision too, and one of the two is unknown.');
  for (const { ruleset, reason, source } of verdict.disagreements) {
    if (ruleset === 'observed') add('report', `Reported: ${reason}.`);
    else if (ruleset === 'microsoft')
      add('disputed', `Microsoft’s page says otherwise: ${reason} (${source.date ?? ''}).`);
  }
  return warnings;
}

type Add = (kind: Warning['kind'], text: string) => void;

function addEnds(add: Add, host: HostProfile, image: ImageTarget, today: string): void {
  const hostEnd = endOfSupport(host);
  if (hostEnd !== undefined && hostEnd < today)
    add('end-of-support', `${host.name} has had no support since ${hostEnd}.`);
  const imageEnd = image.base?.endOfSupport;
  if (imageEnd !== undefined && imageEnd < today)
    add('end-of-support', `The base image ${image.base?.canonical ?? ''} has had no updates since ${imageEnd}.`);
}

function endOfSupport({ release, edition }: HostProfile): string | undefined {
  return edition === 'Pro' ? (release?.endOfSupportPro ?? release?.endOfSupport) : release?.endOfSupport;
}

const none: Warning[] = [];
