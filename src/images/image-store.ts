import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '../platform/index.js';
import { collectGarbage, sweepLayers } from './collect-garbage.js';
import { commitImage } from './commit-image.js';
import { openContentStore } from './content-store.js';
import { labelsOf } from './labels-of.js';
import { dropLost } from './drop-lost.js';
import { findLocal, noSuchImage, readConfig, type ResolveOptions, resolveImage } from './find-image.js';
import { imageHistory } from './image-history.js';
import { createImageRecords, type HoldSpan } from './image-records.js';
import { inspectRemote, type InspectRemoteOptions, type RemoteImage } from './inspect-remote.js';
import { holdImage, layersOf, releaseImage } from './lease-image.js';
import { importImage, type ImportImageOptions } from './import-image.js';
import { listImages, type ListOptions } from './list-images.js';
import { createLayerSync, readBoot } from './layer-sync.js';
import { hasRegistryChanges } from './layers/layer-registry.js';
import { loadImages, type LoadedImage } from './load-images.js';
import { mountImage } from './mount-image.js';
import { pruneImages, type PruneReport } from './prune-images.js';
import { pullAllTags } from './pull-all-tags.js';
import { pullImage } from './pull-image.js';
import { pushImage } from './push-image.js';
import { type RebasedImage, rebaseImage, type RebaseOptions } from './rebase-image.js';
import { logIn, type LogInOptions } from './registry/log-in.js';
import type { RegistrySettings } from './registry/registry-settings.js';
import { removeImage } from './remove-image.js';
import { saveImages } from './save-images.js';
import { migrations } from './schema.js';
import { layerFolders, type StoreContext } from './store-context.js';
import { sweepMounts } from './sweep-mounts.js';
import { nameImages, tagImage } from './tag-image.js';
import type { PullOptions, PushOptions } from './transfer.js';
import type {
  AdmitPull,
  BaseSource,
  ChoosePlatform,
  CommitOptions,
  HistoryItem,
  Image,
  ImageEvent,
  MountedImage,
  RemovedImage,
  RemoveOptions,
} from './types.js';
import { createWorkTracker } from './work-tracker.js';

/**
 * Images by name and id. Nothing is visible until it is complete; what was acknowledged survives a crash of the daemon, and some seconds later
 * one of the machine: an image that the latter takes is taken as a whole. A text that means an
 * image is a name, a name with digest, an id, or a prefix of an id that fits no other.
 */
export interface ImageStore {
  /** For whoever is about to use the image: a base image's name is answered offline, made on the spot. @throws WindowboxError `not-found`. */
  resolve(text: string, options?: ResolveOptions): Promise<Image>;
  /** Only what is in the store. @throws WindowboxError `not-found`. */
  inspect(text: string): Promise<Image>;
  list(options?: ListOptions): Promise<readonly Image[]>;
  history(text: string): Promise<readonly HistoryItem[]>;
  /** Gives an image another name. @throws WindowboxError `not-found`, `invalid-argument`. */
  tag(text: string, name: string): Promise<void>;
  /** One name for several builds of one image. */
  nameBuilds(ids: readonly string[], name: string): void;
  /** @throws WindowboxError `not-found`, `conflict` with Docker's text. */
  remove(text: string, options: RemoveOptions): Promise<readonly RemovedImage[]>;
  prune(filters?: Readonly<Record<string, readonly string[]>>): Promise<PruneReport>;
  /** A new image from another: its config, and a layer where there is one. Answers its id. */
  commit(options: CommitOptions): Promise<string>;
  /** A new image of another one's own layers on another base. @throws WindowboxError `not-found`, `invalid-argument`. */
  rebase(text: string, options: RebaseOptions): Promise<RebasedImage>;
  /** Images that were made directly on this one, newest first. */
  children(imageId: string): Promise<readonly Pick<Image, 'id' | 'config'>[]>;
  mount(imageId: string): Promise<MountedImage>;
  /** Whether the image's own top layer changes the registry in our form, which real Windows does not see. */
  changesRegistry(imageId: string): boolean;

  /**
   * Gets an image from its registry, without Microsoft's layers; a base image's name needs no network. Answers its id.
   *
   * @throws WindowboxError `not-found`, `unauthenticated`, `permission-denied`, `unavailable`, `data-loss`, and what
   * `admit` throws.
   */
  pull(name: string, options?: PullOptions): Promise<string>;
  /** Gets every tag of a repository. @throws WindowboxError as {@link pull}; `unsupported` for Microsoft's repositories. */
  pullAllTags(repository: string, options?: PullOptions): Promise<void>;
  /** What a registry has behind a name, without a download. @throws WindowboxError as {@link pull}. */
  inspectRemote(name: string, options?: InspectRemoteOptions): Promise<RemoteImage>;
  /** Tries a login at a registry; see {@link logIn}. */
  logIn(registry: string, options: LogInOptions): Promise<string>;
  /** Pushes the image or images that a name stands for. @throws WindowboxError as {@link pull}. */
  push(name: string, options?: PushOptions): Promise<void>;

  /** Names or ids as one archive, without Microsoft's layers. @throws WindowboxError `not-found` before the first byte. */
  save(texts: readonly string[]): Promise<AsyncIterable<Uint8Array>>;
  /** Takes in an archive of `docker save` or an OCI layout, uncompressed. @throws WindowboxError `invalid-argument`. */
  load(tar: AsyncIterable<Uint8Array>): Promise<readonly LoadedImage[]>;
  /** Makes an image from a plain archive whose root is C:. Answers its id. */
  importTar(options: ImportImageOptions): Promise<string>;

  /** Folders for a container on this image, topmost first, each a Wine prefix shape. Makes the base if need be, which takes seconds. */
  layersOf(imageId: string): Promise<readonly string[]>;
  /** `holder`, a container's id, keeps the image and its layers on the disk until it is released, or `brief`ly: until the daemon ends. */
  hold(imageId: string, holder: string, span?: HoldSpan): void;
  release(holder: string): Promise<void>;
  /** Ids of everyone that holds an image: the engine releases those that it does not know. */
  holders(): readonly string[];

  /** Deletes what a crash left behind; answers the bytes. */
  collectGarbage(): Promise<number>;
  close(): void;
}

export interface ImageStoreOptions {
  /** `paths.images`. */
  readonly folder: string;
  readonly bases: BaseSource;
  readonly choose: ChoosePlatform;
  /** Default: whatever there is. */
  readonly admit?: AdmitPull;
  /** Default: every registry by TLS, those on this machine also without. */
  readonly registries?: RegistrySettings;
  readonly onEvent?: (event: ImageEvent) => void;
  /** Hears, in a sentence, what nobody asked for and somebody should know. */
  readonly onTrouble?: (text: string) => void;
  /** Which boot of the machine this is; default: the kernel's word for it. */
  readonly boot?: string;
}

/** @throws WindowboxError `data-loss` when the store's database is damaged. */
export async function openImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  await mkdir(join(options.folder, 'layers'), { recursive: true, mode: 0o711 });
  const content = await openContentStore(options.folder);
  const database = openDatabase(join(options.folder, 'images.db'), migrations);
  const records = createImageRecords(database);
  const { folder, boot = readBoot(), onTrouble = (): void => {} } = options;
  for (const text of dropLost(records, boot)) onTrouble(text);
  const context: StoreContext = {
    folder,
    content,
    records,
    bases: options.bases,
    choose: options.choose,
    admit: options.admit ?? ((): void => undefined),
    work: createWorkTracker(),
    sync: createLayerSync({ folder, records, boot, onTrouble }),
    shared: new Map(),
    configs: new Map(),
    emit: (event) =>
      options.onEvent?.({ ...event, labels: event.action === 'delete' ? {} : labelsOf(context, event.imageId) }),
  };
  await sweepMounts(context);
  await sweepLayers(context);
  return storeOf(context, options.registries ?? {}, () => {
    context.sync.close();
    database.close();
  });
}

function storeOf(context: StoreContext, settings: RegistrySettings, close: () => void): ImageStore {
  const inspect = async (text: string): Promise<Image> => {
    const image = await findLocal(context, text);
    if (!image) throw noSuchImage(text);
    return image;
  };
  return {
    resolve: async (text, resolveOptions) =>
      context.work.during(async () => resolveImage(context, text, resolveOptions)),
    inspect,
    list: async (listOptions) => listImages(context, listOptions),
    history: async (text) => imageHistory(context, (await inspect(text)).id),
    tag: async (text, name) => {
      tagImage(context, (await inspect(text)).id, name);
    },
    nameBuilds: (ids, name) => {
      nameImages(context, ids, name);
    },
    remove: async (text, removeOptions) => {
      const removed = removeImage(context, text, removeOptions);
      await collectGarbage(context);
      return removed;
    },
    prune: async (filters) => pruneImages(context, filters),
    commit: async (commitOptions) => commitImage(context, commitOptions),
    rebase: async (text, rebaseOptions) => rebaseImage(context, text, rebaseOptions),
    children: async (imageId) =>
      Promise.all(
        context.records.childrenOf(imageId).map(async (id) => ({ id, config: await readConfig(context, id) })),
      ),
    mount: async (imageId) => mountImage(context, imageId),
    changesRegistry: (imageId) => {
      const chain = context.records.find(imageId)?.chains.at(-1);
      return chain !== undefined && hasRegistryChanges(layerFolders(context, chain).root);
    },
    pull: async (name, pullOptions) => pullImage(context, name, { ...pullOptions, settings }),
    pullAllTags: async (repository, pullOptions) => pullAllTags(context, repository, { ...pullOptions, settings }),
    inspectRemote: async (name, remoteOptions) => inspectRemote(context, name, { ...remoteOptions, settings }),
    logIn: async (registry, logInOptions) => logIn(registry, { ...logInOptions, settings }),
    push: async (name, pushOptions) => pushImage(context, name, { ...pushOptions, settings }),
    save: async (texts) => saveImages(context, texts),
    load: async (tar) => loadImages(context, tar),
    importTar: async (importOptions) => importImage(context, importOptions),
    layersOf: async (imageId) => layersOf(context, imageId),
    hold: (imageId, holder, span) => {
      holdImage(context, imageId, { holder, span });
    },
    release: async (holder) => releaseImage(context, holder),
    holders: () => context.records.holders(),
    collectGarbage: async () => collectGarbage(context),
    close,
  };
}
