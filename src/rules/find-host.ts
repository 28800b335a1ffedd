import { WindowboxError } from '../errors/index.js';
import { parseOsVersion } from '../oci/index.js';
import { hostReleases } from './data/host-releases.js';
import type { HostRelease } from './model.js';
import { nearest } from './nearest.js';

export interface FoundHost {
  readonly release: HostRelease;
  /** Where the words named one: `10.0.18363.1556`. */
  readonly revision?: number;
}

/**
 * The release that these words mean.
 *
 * Ids and names first, then builds; a build that several releases share means the server (17763, 26100), LTSC before SAC.
 *
 * @throws WindowboxError `not-found` with the nearest ids.
 */
export function findHostRelease(words: string): FoundHost {
  const byName = releaseByName.get(normalized(words));
  if (byName !== undefined) return { release: byName };
  const version = parseOsVersion(words.trim());
  const build = version?.build ?? (/^[0-9]{5}$/u.test(words.trim()) ? Number(words.trim()) : undefined);
  const release = hostReleases.find((candidate) => candidate.build === build);
  if (release === undefined) throw unknownHost(words);
  return version?.revision === undefined ? { release } : { release, revision: version.revision };
}

function unknownHost(words: string): WindowboxError {
  const ids = nearest(
    `windows-${normalized(words).replace(/^(?:win(?:dows)?)/u, '')}`,
    hostReleases.map(({ id }) => id),
  );
  return new WindowboxError('not-found', `Cannot find host "${words}": no such Windows release`, {
    hint: `Nearest: ${ids.slice(0, 3).join(', ')}. "windowbox hosts" lists all.`,
  });
}

/** Letters and digits of the words that tell releases apart: `Windows Server, version 1909` and `ws1909` are both `server1909`. */
function normalized(words: string): string {
  return words
    .toLowerCase()
    .replaceAll(/microsoft|windows|version|release|annual channel.*$|core$|\(.*\)/gu, ' ')
    .replaceAll(/[^a-z0-9]/gu, '')
    .replace(/^win(?=[0-9s])/u, '')
    .replace(/^ws(?=[0-9])/u, 'server')
    .replace(/^srv(?=[0-9])/u, 'server')
    .replace(/^w(?=1[01])/u, '')
    .replace(/^(?:server)?ltsc(?=[0-9])/u, 'server')
    .replace(/(?:standard|datacenter|professional|enterprise|pro)/gu, '');
}

/** Words for a product whose newest release is meant. */
const shortNames: Readonly<Record<string, string>> = { '10': 'windows-10-22h2', '11': 'windows-11-25h2' };

const releaseByName = new Map<string, HostRelease>([
  ...hostReleases.flatMap((release): [string, HostRelease][] => [
    [normalized(release.id), release],
    [normalized(release.name), release],
  ]),
  ...Object.entries(shortNames).flatMap(([name, id]): [string, HostRelease][] =>
    hostReleases.filter((release) => release.id === id).map((release) => [name, release]),
  ),
]);
