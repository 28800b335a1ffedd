import type { OsVersion } from '../oci/index.js';

/** The two ways in which Windows runs a container. */
export type IsolationMode = 'process' | 'hyperv';

/** Kinds of Windows by role: the kind decides the default isolation and the licence. */
export type HostKind = 'server' | 'client';

export type ServicingChannel = 'LTSC' | 'SAC' | 'AC' | 'client';

export type Edition = 'Standard' | 'Datacenter' | 'Pro' | 'Enterprise' | 'IoT Enterprise' | 'IoT Core';

/** Where a statement comes from, so that a reader can check it. */
export interface Source {
  /** Who says so, in few words: `Microsoft, version compatibility page`. */
  readonly title: string;
  /** Repository and path, issue number, or page, with commit where there is one. */
  readonly where: string;
  /** ISO date of the statement; absent where unknown. */
  readonly date?: string;
}

/** One release of Windows that can be a container host. ISO dates. */
export interface HostRelease {
  readonly id: string;
  readonly name: string;
  readonly kind: HostKind;
  /** As Microsoft writes it: `1909`, `21H2`. */
  readonly version: string;
  readonly build: number;
  readonly channel: ServicingChannel;
  readonly released: string;
  /** Last date of any support for the editions that live longest, LTSC of a client excepted. */
  readonly endOfSupport: string;
  /** Server: end of mainstream support. */
  readonly mainstreamEnd?: string;
  /** Client: end of support for Home and Pro. */
  readonly endOfSupportPro?: string;
  /** Client: end of support of the LTSC edition of this release. */
  readonly endOfSupportLtsc?: string;
  readonly note?: string;
}

/**
 * The Windows that a daemon presents, or that a question is about.
 *
 * `any` lifts the build rules: Wine can present every build, so every image runs in both modes.
 */
export interface HostProfile {
  readonly id: string;
  readonly name: string;
  readonly kind: HostKind;
  readonly edition: Edition;
  readonly version: string;
  readonly build: number;
  /** Update build revision, the fourth number; absent where unknown. */
  readonly revision?: number;
  /** Docker Engine version that the host runs: decides client rules and texts. */
  readonly engine: string;
  /** Absent for a build that is no known release. */
  readonly release?: HostRelease;
  readonly liftsBuildRules?: true;
}

/** The four container base images that Microsoft publishes. `windows` is the full image, `server` its successor from 2022 on. */
export type BaseProduct = 'nanoserver' | 'servercore' | 'server' | 'windows';

/** A base image, as the rules and the engine see it. */
export interface Base {
  readonly product: BaseProduct;
  readonly build: number;
  /** What an image made on this base states as `os.version`. */
  readonly osVersion: OsVersion;
  /** Repository and tag that Microsoft uses today, or used last: `mcr.microsoft.com/windows/nanoserver:ltsc2025`. */
  readonly canonical: string;
  /** User of a container whose image names none. */
  readonly defaultUser: 'ContainerUser' | 'ContainerAdministrator';
  /** Default command. */
  readonly command: readonly string[];
  /** `os.features` of its manifest. */
  readonly osFeatures: readonly string[];
  readonly released?: string;
  readonly endOfSupport?: string;
  readonly note?: string;
}

/** One row of the base image catalog. */
export interface BaseImageEntry {
  readonly product: BaseProduct;
  /** Today's tag first. Every tag means the same image. */
  readonly tags: readonly string[];
  readonly build: number;
  readonly released?: string;
  readonly mainstreamEnd?: string;
  readonly endOfSupport?: string;
  /** Where the tag is written down, if not in Microsoft's lifecycle page. */
  readonly tagSource?: string;
  readonly note?: string;
}

/** What a question is about: an image, reduced to what the rules look at. */
export interface ImageTarget {
  /** As the asker wrote it. */
  readonly label: string;
  /** A name that `docker run` takes, where the label is one. */
  readonly reference?: string;
  /** Absent: the image states none, which Docker lets pass everywhere. */
  readonly osVersion?: OsVersion;
  readonly product?: BaseProduct;
  /** Catalog entry, for end-of-support warnings and other tags of the same repository. */
  readonly base?: Base;
  /** The base that its name says it is made on, where it is no base image itself. */
  readonly madeOn?: Base;
}

export type Answer = 'allowed' | 'refused' | 'unknown';

/** What one ruleset says of one isolation mode. */
export interface Opinion {
  readonly answer: Answer;
  readonly reason: string;
  readonly source: Source;
}

export type Opinions = Readonly<Record<IsolationMode, Opinion>>;

/** What every ruleset looks at: a host and the build of an image. */
export interface Pair {
  readonly kind: HostKind;
  readonly hostBuild: number;
  readonly imageBuild: number;
  /** Docker Engine version as a number, see `parseEngineVersion`. */
  readonly engine: number;
  /** Absent for an image that is no base image. */
  readonly product: BaseProduct | undefined;
}

/** A named, self-contained way to answer: a published table, a piece of code, or what people saw. */
export interface Ruleset {
  readonly name: string;
  readonly summary: string;
  readonly source: Source;
  judge(pair: Pair): Opinions;
}

/** Another source that says otherwise. */
export interface Disagreement extends Opinion {
  readonly ruleset: string;
}

export interface Warning {
  readonly kind: 'end-of-support' | 'revision' | 'disputed' | 'report' | 'preview' | 'unstated';
  /** One full sentence. */
  readonly text: string;
}
