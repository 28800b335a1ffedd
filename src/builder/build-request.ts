import type { Listing } from './files/listed-tree.js';

/** The files of a build, and how they come. */
export type ContextInput =
  /** All of them, in an unpacked tar stream. */
  | { readonly type: 'tar'; readonly bytes: AsyncIterable<Uint8Array> }
  /** Their list, and then those that are asked for. */
  | { readonly type: 'listing'; readonly listing: Listing };

/** What to build, and how; as `POST /build` has it. */
export interface BuildRequest {
  readonly context: ContextInput;
  /** Path of the Dockerfile in the context. */
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly quiet: boolean;
  readonly noCache: boolean;
  readonly pull: boolean;
  /** undefined: the client's environment had none of that name. */
  readonly buildArguments: Readonly<Record<string, string | undefined>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Name or number of the last stage to build; empty: the last one. */
  readonly target: string;
  /** Empty, or one or more with commas between: several make one name for several builds. */
  readonly platform: string;
  readonly isolation: string;
  readonly networkMode: string;
  readonly extraHosts: readonly string[];
  /** Bytes; 0: no limit. */
  readonly memory: number;
  /** Relative weight of processors; 0: none. */
  readonly cpuShares: number;
  /** By id, for `RUN --mount=type=secret`. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  readonly signal: AbortSignal;
}
