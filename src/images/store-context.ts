import { join } from 'node:path';
import type { ImageConfig } from '../oci/index.js';
import type { ContentStore } from './content-store.js';
import type { ImageRecords } from './image-records.js';
import type { LayerSync } from './layer-sync.js';
import type { WorkTracker } from './work-tracker.js';
import type { AdmitPull, BaseSource, ChoosePlatform, ImageEvent } from './types.js';

/** What every act on images needs. */
export interface StoreContext {
  readonly folder: string;
  readonly content: ContentStore;
  readonly records: ImageRecords;
  readonly bases: BaseSource;
  readonly choose: ChoosePlatform;
  readonly admit: AdmitPull;
  readonly work: WorkTracker;
  readonly sync: LayerSync;
  /** Chain of the layer that was last made of files with this key; see `CommitOptions.filesKey`. */
  readonly shared: Map<string, string>;
  /** Configs that were read last, by the image's id, which is their digest: a build looks at all that was made on an image, step by step. */
  readonly configs: Map<string, ImageConfig>;
  emit(event: Omit<ImageEvent, 'labels'>): void;
}

/** The folders of one unpacked layer, named by its chain id: what it is depends on the layers below it. */
export function layerFolders(context: Pick<StoreContext, 'folder'>, chain: string): LayerFolders {
  const whole = join(context.folder, 'layers', chain.replace('sha256:', ''));
  return { whole, root: join(whole, 'root'), meta: join(whole, 'meta') };
}

export interface LayerFolders {
  readonly whole: string;
  /** Mounted below a container: a Wine prefix shape. */
  readonly root: string;
  /** What the root cannot hold: the sidecar and registry hives. */
  readonly meta: string;
}
