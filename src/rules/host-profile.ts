import { WindowboxError } from '../errors/index.js';
import { hostReleases } from './data/host-releases.js';
import { factsOfBuild } from './data/builds.js';
import { defaultEngine, parseEngineVersion } from './engine-version.js';
import { findHostRelease } from './find-host.js';
import type { Edition, HostKind, HostProfile, HostRelease, IsolationMode } from './model.js';

export interface ProfileOptions {
  /** Docker Engine version; default: the newest that starts on this build. */
  readonly engine?: string;
  /** Default: Datacenter for servers, Pro for clients. */
  readonly edition?: string;
  readonly revision?: number;
}

/** The profile that a daemon presents unless told otherwise. */
export const defaultHostId = 'windows-server-2025';

/** Every id that `--host` takes, `any` last. */
export const hostIds: readonly string[] = [...hostReleases.map(({ id }) => id), 'any'];

/**
 * The host that these words mean: an id (`windows-10-1909`), a build (`18363`, `10.0.18363.1556`), or a name as people write it
 * (`Windows Server 2019`, `win10 1909`, `ltsc2022`), or `any`.
 *
 * @throws WindowboxError `not-found` with the nearest ids, `invalid-argument` for an edition or engine version that does not exist, or a revision
 * that is no number of a Windows version.
 */
export function hostProfile(words: string, options: ProfileOptions = {}): HostProfile {
  if (words.trim().toLowerCase() === 'any') return anyHost(options);
  const found = findHostRelease(words);
  return profileOf(found.release, {
    ...(found.revision === undefined ? {} : { revision: found.revision }),
    ...options,
  });
}

/** The profile of a known release. */
export function profileOf(release: HostRelease, options: ProfileOptions = {}): HostProfile {
  const revision = checkedRevision(options.revision) ?? factsOfBuild(release.build)?.revision;
  return {
    id: release.id,
    name: release.name,
    kind: release.kind,
    edition: editionOf(release.kind, options.edition),
    version: release.version,
    build: release.build,
    ...(revision === undefined ? {} : { revision }),
    engine: checkedEngine(options.engine ?? defaultEngine(release.build)),
    release,
  };
}

/** The profile of a build that is no known release: an Insider build, or one newer than this program. */
export function profileOfBuild(kind: HostKind, build: number, options: ProfileOptions = {}): HostProfile {
  return {
    id: `build-${String(build)}`,
    name: `Windows ${kind === 'server' ? 'Server ' : ''}build ${String(build)}`,
    kind,
    edition: editionOf(kind, options.edition),
    version: String(build),
    build,
    ...(options.revision === undefined ? {} : { revision: options.revision }),
    engine: checkedEngine(options.engine ?? defaultEngine(build)),
  };
}

/** Windows Server starts `process`, Windows 10 and 11 start `hyperv` (moby daemon_windows.go, setDefaultIsolation; client rule since 1.12). */
export function defaultIsolationOf(host: HostProfile): IsolationMode {
  if (host.kind === 'server') return 'process';
  const version = parseEngineVersion(host.engine);
  if (host.edition === 'IoT Core' && version >= 17_009_000 && version < 18_009_001) return 'process';
  return version < 1_012_000 ? 'process' : 'hyperv';
}

function anyHost(options: ProfileOptions): HostProfile {
  const { release: _release, ...newest } = hostProfile(defaultHostId, options);
  return { ...newest, id: 'any', name: 'any Windows (build rules lifted)', liftsBuildRules: true };
}

function editionOf(kind: HostKind, words: string | undefined): Edition {
  if (words === undefined) return kind === 'server' ? 'Datacenter' : 'Pro';
  const wanted = words.toLowerCase().replaceAll(/[\s_-]/gu, '');
  const allowed = editions[kind];
  const edition = allowed.find((name) => name.toLowerCase().replaceAll(' ', '') === wanted);
  if (edition !== undefined) return edition;
  throw new WindowboxError(
    'invalid-argument',
    `Cannot use edition "${words}": no edition of this Windows with containers`,
    {
      hint: `Editions: ${allowed.join(', ')}.`,
    },
  );
}

/** A number of a version has 16 bits (VS_FIXEDFILEINFO). */
function checkedRevision(revision: number | undefined): number | undefined {
  if (revision === undefined || (Number.isInteger(revision) && revision >= 0 && revision <= 0xff_ff)) return revision;
  throw new WindowboxError('invalid-argument', `Cannot use revision "${String(revision)}": not from 0 to 65535`, {
    hint: 'It is the fourth number of the version: 1556 in 10.0.18363.1556.',
  });
}

function checkedEngine(version: string): string {
  parseEngineVersion(version);
  return version;
}

/** Editions that have the Containers feature (deploy-containers/system-requirements.md, about/faq.yml). */
const editions: Readonly<Record<HostKind, readonly Edition[]>> = {
  server: ['Standard', 'Datacenter'],
  client: ['Pro', 'Enterprise', 'IoT Enterprise', 'IoT Core'],
};
