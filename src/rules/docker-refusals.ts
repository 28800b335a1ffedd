import {
  daemonRefusesBuild,
  mismatchAtStart,
  newerImageAtPull,
  noMatchingManifest,
  processRefusedOnClient,
} from './docker-texts.js';
import { parseEngineVersion } from './engine-version.js';
import type { HostProfile, IsolationMode, Pair } from './model.js';

/** Docker's own refusal: when it comes, and its exact text with `<id>` for the container's id. */
export interface Refusal {
  readonly at: 'daemon start' | 'pull' | 'create' | 'start';
  readonly text: string;
}

/** What Docker says of a pair that does not run in this mode, in the order in which a user meets it. */
export function refusalsFor(pair: Pair, mode: IsolationMode): readonly Refusal[] {
  const { engine, hostBuild, imageBuild } = pair;
  const daemon = daemonRefusesBuild(engine, hostBuild);
  if (daemon !== undefined) return [{ at: 'daemon start', text: daemon }];
  const [image, host] = [imageBuild, hostBuild].map((build) => ({ major: 10, minor: 0, build }));
  const isNewer = imageBuild > hostBuild && image !== undefined && host !== undefined;
  const pull = isNewer ? newerImageAtPull(engine, image, host) : undefined;
  const create = pair.kind === 'client' && mode === 'process' ? processRefusedOnClient(engine, hostBuild) : undefined;
  const last: Refusal =
    create === undefined
      ? { at: 'start', text: mismatchAtStart({ engine, containerId: '<id>' }) }
      : { at: 'create', text: create };
  return pull === undefined ? [last] : [{ at: 'pull', text: pull }, last];
}

export const noRefusals: readonly Refusal[] = [];

/** What Docker says of a list in which every Windows image is newer than the host. */
export function indexRefusal(host: HostProfile): Refusal {
  return {
    at: 'pull',
    text: noMatchingManifest(parseEngineVersion(host.engine), { major: 10, minor: 0, build: host.build }),
  };
}
