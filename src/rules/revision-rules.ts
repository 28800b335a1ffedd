import { sources } from './data/sources.js';
import type { ModeVerdict } from './judge-pair.js';
import { noRefusals, refusalsFor } from './docker-refusals.js';
import { parseEngineVersion } from './engine-version.js';
import type { HostProfile, ImageTarget, Pair } from './model.js';

/**
 * Where the fourth number counts, and only in process isolation: Windows Server 2016 wants the host's own; and hosts and images of 1809 to 1909 must be both before, or both
 * from, the February 2020 update on ("2B").
 */
export function judgeRevision(host: HostProfile, image: ImageTarget, process: ModeVerdict): ModeVerdict {
  const imageRevision = image.osVersion?.revision;
  if (process.answer !== 'allowed' || host.revision === undefined || imageRevision === undefined) return process;
  const imageBuild = image.osVersion?.build ?? 0;
  if (host.liftsBuildRules || imageBuild > newestBaselineBuild) return process;
  if (host.build === build2016 && imageRevision !== host.revision)
    return refusedBecause(process, {
      refusals: refusalsFor(pairOf(host, image), 'process'),
      reason: `Windows Server 2016 wants the host’s revision, ${String(host.revision)}, and the image has ${String(imageRevision)}`,
      source: sources.revision2016,
    });
  const [hostIsAfter, imageIsAfter] = [isAfter2b(host.build, host.revision), isAfter2b(imageBuild, imageRevision)];
  if (hostIsAfter === undefined || imageIsAfter === undefined || hostIsAfter === imageIsAfter) return process;
  return refusedBecause(process, {
    reason: `the February 2020 update lies between host (${String(host.revision)}) and image (${String(imageRevision)}): both must have it, or neither`,
    source: sources.baseline2b,
    failsLater: true,
    refusals: noRefusals,
  });
}

/** An image whose revision is newer than the host's: fails on some hosts until they are updated. */
export function isAheadOfHost(host: HostProfile, image: ImageTarget): boolean {
  const { osVersion } = image;
  if (osVersion?.revision === undefined || host.revision === undefined || osVersion.build !== host.build) return false;
  return osVersion.revision > host.revision;
}

function refusedBecause(
  process: ModeVerdict,
  why: Pick<ModeVerdict, 'reason' | 'source' | 'failsLater' | 'refusals'>,
): ModeVerdict {
  const before = { ruleset: process.ruleset, answer: process.answer, reason: process.reason, source: process.source };
  return { ...process, ...why, answer: 'refused', disagreements: [before, ...process.disagreements] };
}

function pairOf(host: HostProfile, image: ImageTarget): Pair {
  return {
    kind: host.kind,
    hostBuild: host.build,
    imageBuild: image.osVersion?.build ?? 0,
    engine: parseEngineVersion(host.engine),
    product: image.product,
  };
}

function isAfter2b(build: number, revision: number): boolean | undefined {
  const first = baseline2b[build];
  return first === undefined ? undefined : revision >= first;
}

const build2016 = 14393;
const newestBaselineBuild = 18363;
/** First revision with the change: KB4532691 and KB4532693 of 2020-02-11. The images followed on 2020-02-18 as .1040. */
const baseline2b: Readonly<Record<number, number>> = { 17763: 1039, 18362: 657, 18363: 657 };
