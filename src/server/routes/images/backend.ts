import type { ImageStore, RemoteImage } from '../../../images/index.js';
import type { ListedEntry, ProgressMessage } from '../../../docker-api/index.js';
import type { RegistryAuth } from './registry-auth.js';

/** What the image routes need of the image store, and of what moves images to and from it. */
export interface ImageBackend extends Pick<
  ImageStore,
  'resolve' | 'inspect' | 'list' | 'history' | 'tag' | 'remove' | 'prune' | 'rebase'
> {
  readonly pull: (request: PullRequest) => AsyncIterable<ProgressMessage>;
  readonly push: (request: PushRequest) => AsyncIterable<ProgressMessage>;
  /** A tar archive of `docker save`, of OCI or of both layouts. */
  readonly load: (
    tar: AsyncIterable<Uint8Array>,
    options: { readonly quiet: boolean },
  ) => AsyncIterable<ProgressMessage>;
  readonly save: (names: readonly string[]) => Promise<AsyncIterable<Uint8Array>>;
  /** A tar archive of a file system becomes an image. */
  readonly importTar: (tar: AsyncIterable<Uint8Array>, request: ImportRequest) => AsyncIterable<ProgressMessage>;
  readonly distribution: (request: DistributionRequest) => Promise<RemoteImage>;
  readonly commit: (request: CommitRequest) => Promise<{ readonly id: string }>;
  readonly build: (request: BuildRequest) => AsyncIterable<ProgressMessage>;
  /** Cache mounts of builds. */
  readonly buildCache: () => Promise<readonly BuildCacheItem[]>;
  /** Deletes those that no step uses, keeping `keep` bytes of those used last. */
  readonly pruneBuildCache: (options: {
    readonly filters: Readonly<Record<string, readonly string[]>>;
    readonly keep: number;
  }) => Promise<{ readonly ids: readonly string[]; readonly reclaimed: number }>;
  /** How many containers use an image. */
  readonly users: (imageId: string) => number;
}

export interface PullRequest {
  /** With tag or digest, unless `allTags`. */
  readonly reference: string;
  readonly allTags: boolean;
  readonly platform: string | undefined;
  readonly auth: RegistryAuth | undefined;
  readonly signal: AbortSignal;
}

export interface PushRequest {
  readonly reference: string;
  readonly allTags: boolean;
  readonly auth: RegistryAuth | undefined;
  readonly signal: AbortSignal;
}

export interface ImportRequest {
  /** undefined: no name. */
  readonly reference: string | undefined;
  readonly message: string;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
  readonly platform: string | undefined;
}

export interface DistributionRequest {
  readonly name: string;
  readonly auth: RegistryAuth | undefined;
  /** Also ask for each build's sizes. */
  readonly sizes: boolean;
  readonly signal: AbortSignal;
}

export interface CommitRequest {
  readonly container: string;
  readonly reference: string | undefined;
  readonly pause: boolean;
  readonly author: string;
  readonly comment: string;
  readonly changes: readonly string[];
  /** Body of the request: a `Config` that replaces the container's, as Docker has it; undefined: none. */
  readonly config: Readonly<Record<string, unknown>> | undefined;
}

/** Times in milliseconds since 1970. */
export interface BuildCacheItem {
  readonly id: string;
  readonly type: string;
  readonly description: string;
  readonly inUse: boolean;
  readonly size: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly usageCount: number;
}

/** `POST /build`, as it came: meaning is the builder's. */
export interface BuildRequest {
  readonly context: BuildFiles;
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly quiet: boolean;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly buildArguments: Readonly<Record<string, string | undefined>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly cacheFrom: readonly string[];
  readonly target: string;
  readonly platform: string;
  readonly isolation: string;
  readonly networkMode: string;
  readonly extraHosts: readonly string[];
  /** Bytes; 0: no limit. */
  readonly memory: number;
  /** Relative weight; 0: none. */
  readonly cpuShares: number;
  /** Tell of steps in place of the classic builder's lines. */
  readonly steps: boolean;
  /** By id. Never logged. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** One for each registry, for `FROM`. */
  readonly auths: Readonly<Record<string, RegistryAuth>>;
  readonly signal: AbortSignal;
}

/** How the files of a build come. */
export type BuildFiles =
  /** A tar archive, unzipped already. */
  | { readonly type: 'tar'; readonly bytes: AsyncIterable<Uint8Array> }
  /** The daemon fetches them. */
  | { readonly type: 'remote'; readonly address: string }
  /** Their list, and in a tar stream those that are asked for; `key` is the client's name for the folder. */
  | {
      readonly type: 'listing';
      readonly listing: {
        readonly key: string;
        readonly entries: AsyncIterable<readonly ListedEntry[]>;
        readonly contents: AsyncIterable<Uint8Array>;
      };
    };
