import type { ChoosePlatform } from '../images/index.js';
import { type OsVersion, parseOsVersion, type Platform } from '../oci/index.js';
import type { HostProfile } from '../rules/index.js';

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
      .filter(({ platform }) => platform.os === 'windows' && platform.architecture === 'amd64')
      .filter(
        ({ version }) =>
          version === undefined || fits(version, { build, exact: versionOf(wanted) !== undefined, profile }),
      );
    const own = fitting.filter(({ version }) => version?.build === build);
    return (highestRevision(own) ?? fitting[0])?.index ?? -1;
  };
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
