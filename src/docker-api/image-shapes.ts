/** Responses of the image endpoints. https://docs.docker.com/reference/api/engine/ */
export interface ImageSummary {
  readonly Id: string;
  readonly ParentId: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly Size: number;
  /** Shared with other images; -1: not computed. */
  readonly SharedSize: number;
  readonly VirtualSize?: number;
  readonly Labels: Readonly<Record<string, string>> | null;
  /** How many containers use it; -1: not computed. */
  readonly Containers: number;
}

export interface ImageInspect {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Parent: string;
  readonly Comment: string;
  readonly Created: string;
  readonly DockerVersion: string;
  readonly Author: string;
  readonly Config: Readonly<Record<string, unknown>>;
  readonly Architecture: string;
  readonly Variant?: string;
  readonly Os: string;
  readonly OsVersion: string;
  readonly Size: number;
  readonly VirtualSize?: number;
  readonly GraphDriver: { readonly Name: string; readonly Data: Readonly<Record<string, string>> };
  readonly RootFS: { readonly Type: 'layers'; readonly Layers: readonly string[] };
  readonly Metadata: { readonly LastTagTime: string };
}

export interface HistoryShape {
  readonly Id: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Tags: readonly string[] | null;
  readonly Size: number;
  readonly Comment: string;
}

export type DeletedImage = { readonly Untagged: string } | { readonly Deleted: string };

/** One line of a pull, push, load or build. Sent as JSON, one a line, `\r\n` after each. */
export interface ProgressMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progress?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly aux?: unknown;
  /** `hint` is not in Docker. */
  readonly errorDetail?: { readonly message: string; readonly code?: number; readonly hint?: string };
  readonly error?: string;
}

/** `id` of the lines that tell of a build's steps, which Docker does not have: `POST /build?steps=1`. */
export const buildStepId = 'windowbox.step';

/** `aux` of such a line. Steps of stages that are built at the same time come mixed; `step` tells them apart. */
export type BuildStepEvent =
  | { readonly state: 'begun'; readonly step: number; readonly name: string }
  | { readonly state: 'log'; readonly step: number; readonly text: string }
  | { readonly state: 'cached' | 'done' | 'cancelled'; readonly step: number }
  | { readonly state: 'failed'; readonly step: number; readonly error: string; readonly excerpt: string }
  | { readonly state: 'warning'; readonly text: string };

/** `id` of a line of `POST /build/incremental` that asks for files; `aux` is {@link BuildWanted}. */
export const buildWantedId = 'windowbox.wanted';

export interface BuildWanted {
  /** Numbers of lines in the list, from 0; none: nothing more will be asked for. */
  readonly wanted: readonly number[];
}

/** OCI's platform, as Docker's API shows it. */
export interface PlatformShape {
  readonly architecture: string;
  readonly os: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
  readonly variant?: string;
}

/** `GET /distribution/{name}/json`; `Builds` with `sizes=1` only, which Docker does not have. */
export interface DistributionInspect {
  readonly Descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly Platforms: readonly PlatformShape[];
  readonly Builds?: readonly RemoteBuildShape[];
}

export interface RemoteBuildShape {
  readonly Platform: PlatformShape;
  readonly Digest: string;
  /** Packed bytes of all layers. */
  readonly TotalSize?: number;
  /** Packed bytes above Microsoft's base: what a pull downloads. */
  readonly OwnSize?: number;
}
