import type { EngineRules, RulesRequest } from '../engine/index.js';
import { parseReference } from '../oci/index.js';
import {
  type HostProfile,
  hostOfAnnotations,
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

/** The rules as the engine asks for them. */
export function makeEngineRules(options: RulesOptions): EngineRules {
  return {
    isolationAtCreate: (request) =>
      resolveIsolation({
        ...options,
        host: hostOfAnnotations(options.host(), request.annotations),
        requested: request.requested,
        image: targetOf(request),
      }).isolation,
    checkAtStart: (request) => {
      const refusal = refusalAtStart({
        ...options,
        host: hostOfAnnotations(options.host(), request.annotations),
        image: targetOf(request),
        isolation: request.isolation,
        containerId: request.containerId,
      });
      if (refusal !== undefined) throw refusal;
    },
  };
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
