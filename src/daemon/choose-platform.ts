import type { ChoosePlatform, NoBuildFits } from '../images/index.js';
import { formatPlatform, type OsVersion, parseOsVersion, type Platform } from '../oci/index.js';
import { firstHostThatPulls, type HostProfile, noMatchingManifest, parseEngineVersion } from '../rules/index.js';

/**
 * Picks one of several builds behind a name as Docker does on Windows (moby distribution/pull_v2_windows.go, filterManifests): Windows
 * on amd64, nothing newer than the host, the host's own build first, then the order of the index. Where moby takes the first of
 * several entries of the host's build, we take the highest revision. With `--platform` the version that was asked for decides.
 */
export function choosePlatform(host: () => HostProfile): ChoosePlatform {
  return (candidates, wanted) => {
    const profile = host();
    const build = versionOf(wanted)?.build ?? profile.build;
    const fitting = candidates
      .map((platform, index) => ({ index, platform, version: versionOf(platform) }))
      .filter(({ platform }) => isOurs(platform) && (wanted === undefined || isOurs(wanted)))
      .filter(
        ({ version }) =>
          version === undefined || fits(version, { build, exact: versionOf(wanted) !== undefined, profile }),
      );
    const own = fitting.filter(({ version }) => version?.build === build);
    return (highestRevision(own) ?? fitting[0])?.index ?? noBuildFits(profile, { candidates, wanted });
  };
}

/** Docker's text names what was looked for: the host, or the platform that was asked for. */
function noBuildFits(
  host: HostProfile,
  { candidates, wanted }: { readonly candidates: readonly Platform[]; readonly wanted: Platform | undefined },
): NoBuildFits {
  if (wanted !== undefined)
    return { text: `no matching manifest for ${formatPlatform(wanted)} in the manifest list entries` };
  const text = noMatchingManifest(parseEngineVersion(host.engine), { major: 10, minor: 0, build: host.build });
  const builds = candidates.filter(isOurs).flatMap((platform) => versionOf(platform)?.build ?? []);
  const other = firstHostThatPulls(Math.min(...builds), host.kind);
  if (other === undefined) return { text };
  const way = `The first host that pulls one of them is ${other.name}.  windowbox host use ${other.id}`;
  return { text, wayOut: way };
}

function isOurs({ os, architecture }: Platform): boolean {
  return os === 'windows' && architecture === 'amd64';
}

function fits(version: OsVersion, wish: { build: number; exact: boolean; profile: HostProfile }): boolean {
  if (wish.exact) return version.build === wish.build;
  return wish.profile.liftsBuildRules === true || version.build <= wish.build;
}

function highestRevision<T extends { readonly version: OsVersion | undefined }>(entries: readonly T[]): T | undefined {
  return entries.toSorted((a, b) => (b.version?.revision ?? 0) - (a.version?.revision ?? 0))[0];
}

function versionOf(platform: Platform | undefined): OsVersion | undefined {
  return platform?.osVersion === undefined ? undefined : parseOsVersion(platform.osVersion);
}
