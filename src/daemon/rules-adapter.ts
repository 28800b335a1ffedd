import type { EngineRules, RulesRequest } from '../engine/index.js';
import { parseReference } from '../oci/index.js';
import {
  type HostProfile,
  hostProfile,
  type ImageTarget,
  type JudgeOptions,
  refusalAtStart,
  resolveBase,
  resolveIsolation,
  targetOfBase,
  targetOfOsVersion,
} from '../rules/index.js';

export interface RulesOptions extends JudgeOptions {
  /** Read anew for each question: `windowbox host use` changes it while the daemon runs. */
  readonly host: () => HostProfile;
  readonly execOpts: readonly string[];
}

/** Label of a container that is to be judged on another Windows than the daemon's. */
export const hostAnnotation = 'windowbox.host';

/** The rules as the engine asks for them. */
export function makeEngineRules(options: RulesOptions): EngineRules {
  return {
    isolationAtCreate: (request) =>
      resolveIsolation({
        ...options,
        host: hostOf(options, request),
        requested: request.requested,
        image: targetOf(request),
      }).isolation,
    checkAtStart: (request) => {
      const refusal = refusalAtStart({
        ...options,
        host: hostOf(options, request),
        image: targetOf(request),
        isolation: request.isolation,
        containerId: request.containerId,
      });
      if (refusal !== undefined) throw refusal;
    },
  };
}

function hostOf(options: RulesOptions, request: RulesRequest): HostProfile {
  const annotation = request.annotations[hostAnnotation];
  return annotation === undefined ? options.host() : hostProfile(annotation);
}

/** A base image by its catalog entry, anything else by its `os.version`. */
function targetOf(request: RulesRequest): ImageTarget {
  const base = baseOf(request.image);
  return base === undefined ? targetOfOsVersion(request.image, request.osVersion) : targetOfBase(base, request.image);
}

function baseOf(image: string): ReturnType<typeof resolveBase> {
  try {
    return resolveBase(parseReference(image));
  } catch {
    // An image may be given by its id, which is no reference, or by a tag that the catalog does not know but the store does.
    return undefined;
  }
}
