import type { ImageConfig, ImageReference, Platform } from '../oci/index.js';

/** Which Microsoft base image one of Windowbox's own bases stands for. */
export interface Base {
  readonly product: BaseProduct;
  /** `10.0.26100.33296`, as the base image states it. */
  readonly osVersion: string;
  /** When Microsoft published that Windows, an RFC 3339 time: the creation time that the image shows. */
  readonly released?: string;
}

export type BaseProduct = 'nanoserver' | 'servercore' | 'server' | 'windows';

/** Where bases come from. The daemon fulfils it with the catalog of `rules` and with `setup`, which images never imports. */
export interface BaseSource {
  /** The base that a name stands for; undefined for every name that is none of Microsoft's base images. */
  find(reference: ImageReference): Base | undefined;
  /**
   * Makes the base when it is not there yet, which may take seconds.
   * Answers its folders, topmost first, each shaped like a Wine prefix (`drive_c` is C:, `*.reg` the registry).
   */
  ensure(base: Base): Promise<{ readonly lower: readonly string[] }>;
  /** Names under which Microsoft publishes the real one, best first: a push asks them what it consists of. */
  sources?(base: Pick<Base, 'product' | 'osVersion'>): readonly string[];
}

/** Picks one of several builds behind one name by the rules of the host. `wanted` is what the caller asked for with `--platform`. */
export type ChoosePlatform = (candidates: readonly Platform[], wanted: Platform | undefined) => number | NoBuildFits;

/** Throws the host's refusal of an image that it does not let in by a pull; `wanted` as for {@link ChoosePlatform}. */
export type AdmitPull = (image: Platform, wanted: Platform | undefined) => void;

export interface NoBuildFits {
  /** Docker's words. */
  readonly text: string;
  /** Full sentences, where something can be done. */
  readonly wayOut?: string;
}

/** An image in the store. */
export interface Image {
  /** `sha256:…`, the digest of the config. */
  readonly id: string;
  readonly config: ImageConfig;
  readonly base: Base;
  /** How many of the config's first layers are Microsoft's, and stand for {@link base} here. */
  readonly baseLayers: number;
  /**
   * Made without a registry on one of Windowbox's bases: the config's first layer is a placeholder that stands for Microsoft's,
   * and a push puts the real ones in its place.
   */
  readonly offline: boolean;
  /** Names as Docker shows them: `registry:5000/app:1`. */
  readonly names: readonly string[];
  /** `repository@sha256:…`, of what it was pulled or pushed as. */
  readonly digests: readonly string[];
  readonly parent: string | undefined;
  /** Bytes of the unpacked layers above the base. */
  readonly size: number;
  /** Milliseconds since 1970 when a name was last given to it. */
  readonly taggedAt: number;
}

export interface HistoryItem {
  /** Image id, or `<missing>` for a layer without an image of its own here. */
  readonly id: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly names: readonly string[];
  readonly size: number;
}

export type RemovedImage = { readonly untagged: string } | { readonly deleted: string };

export interface RemoveOptions {
  /** Also when a stopped container uses it, and by id when it has several names. */
  readonly force: boolean;
  /** Also its parents without a name. */
  readonly prune: boolean;
  /** Whether the container that holds a lease runs; an image of a running container is never removed. */
  readonly isRunning?: (holder: string) => boolean;
}

/** An image's whole file system, read-only. */
export interface MountedImage {
  /** Shaped like a Wine prefix. */
  readonly path: string;
  release(): Promise<void>;
}

/** What happened to an image, for `docker events`. `reference` is the name in question, or the id. */
export interface ImageEvent {
  readonly action: 'tag' | 'untag' | 'delete' | 'pull' | 'push' | 'load' | 'save' | 'import';
  readonly imageId: string;
  readonly reference: string;
  /** Of the image; none of one that is deleted. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A new layer and image from what a container wrote. */
export interface CommitOptions {
  /** Image that the container was made from. */
  readonly parent: string;
  /** The container's writable folder (overlayfs' upper), a Wine prefix shape; undefined for an image that changes only its config. */
  readonly upper?: string;
  /** Instead of `upper`: a Windows layer as an unpacked tar stream, checked like one from outside. */
  readonly files?: AsyncIterable<Uint8Array>;
  /** Names the content of `files`: with the same name they are not read again, not for another base either. */
  readonly filesKey?: string;
  /** The folder may be moved away instead of copied: nobody needs it afterwards. */
  readonly consume?: boolean;
  /** Whole process config of the new image. */
  readonly config: NonNullable<ImageConfig['config']>;
  readonly createdBy: string;
  readonly comment?: string;
  readonly author?: string;
  /** ISO 8601; default: now. */
  readonly created?: string;
  /** Seconds since 1970: no time in the layer is later (`SOURCE_DATE_EPOCH`). */
  readonly latest?: number;
  /** Name for it, as a user writes it. */
  readonly name?: string;
}
