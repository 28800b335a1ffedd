import type { ImageConfig, ImageProcessConfig } from '../oci/index.js';
import type { BuilderState } from './mounts/builder-state.js';

/** An image as a build sees it. */
export interface BuildImage {
  readonly id: string;
  readonly config: ImageConfig;
}

/**
 * What a build needs of images and containers. The daemon fulfils it with the image store and the engine; the builder knows
 * neither.
 */
export interface BuildHost {
  /** Caches, and room for what a build needs while it runs. */
  readonly state: BuilderState;
  /** For `FROM` and `COPY --from`; pulls what is not here. @throws WindowboxError `not-found`. */
  image(name: string, options: ImageRequest): Promise<BuildImage>;
  /** Images that were made directly on this one, newest first: the cache. */
  children(imageId: string): Promise<readonly BuildImage[]>;
  /** A new image: of the config alone, or with a layer that `files` writes. Answers its id. */
  commit(request: BuildCommit): Promise<string>;
  /** Runs a command in a container on an image, to its end. */
  run(request: RunRequest): Promise<RunOutcome>;
  /** The whole file system of an image, read-only, as a folder of this machine that holds `drive_c`. */
  mount(imageId: string): Promise<{ readonly path: string; release(): Promise<void> }>;
  tag(imageIds: readonly string[], name: string): void;
  /** Keeps an image from the garbage collector until the build ends. */
  keep(imageId: string, build: string): void;
  letGo(build: string): Promise<void>;
}

export interface ImageRequest {
  readonly platform: string | undefined;
  /** Ask the registry even when the image is here. */
  readonly pull: boolean;
  readonly signal: AbortSignal;
  readonly report: (line: string) => void;
}

export interface BuildCommit {
  readonly parent: string;
  readonly config: ImageProcessConfig;
  /** Of the history. */
  readonly createdBy: string;
  readonly author: string;
  /** A Windows layer, as an unpacked tar stream; absent: no layer. */
  readonly files?: AsyncIterable<Uint8Array>;
  /** Names the content of `files`, for several builds of one call. */
  readonly filesKey?: string;
  /** Seconds since 1970: no time in the image is later. */
  readonly latest?: number;
}

export interface RunRequest {
  readonly imageId: string;
  readonly config: ImageProcessConfig;
  /** A finished Windows command line. */
  readonly commandLine: string;
  readonly isolation: string;
  /** The client named this Windows build itself: the step is not judged by what the presented host would run. */
  readonly anyHost: boolean;
  readonly memory: number;
  readonly cpuShares: number;
  readonly networkMode: string;
  readonly extraHosts: readonly string[];
  readonly mounts: readonly StepMount[];
  /** `NAME=value` for the command alone: saved and shown nowhere. */
  readonly secretEnv: readonly string[];
  readonly onStart: (containerId: string) => void;
  readonly onOutput: (data: Uint8Array) => void;
  readonly signal: AbortSignal;
}

/** A file or folder of this machine that a command sees; what is in it never gets into the image. */
export interface StepMount {
  readonly source: string;
  /** `C:\\dir`, or a drive, `D:\\`. */
  readonly target: string;
  readonly readOnly: boolean;
  /** How many parts of the target's path the image has itself; the rest is no change of the step. undefined: not on C:. */
  readonly existing: number | undefined;
}

export interface RunOutcome {
  readonly exitCode: number;
  /** A new image with what the command wrote; `registry`: it changed the registry, which real Windows will not see. */
  commit(request: Omit<BuildCommit, 'files'>): Promise<{ readonly id: string; readonly registry: boolean }>;
  remove(): Promise<void>;
}
