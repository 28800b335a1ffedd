import { type Descriptor, type ImageConfig, isForeignLayerType, type Manifest, parseOsVersion } from '../oci/index.js';
import type { Base, BaseProduct } from './types.js';

/**
 * How many of an image's first layers are Microsoft's: those that were marked as foreign, or that the history says were applied
 * or installed rather than built.
 */
export function countBaseLayers(config: ImageConfig, manifest: Manifest): number {
  const foreign = manifest.layers.findIndex((layer) => !isForeign(layer));
  const layers = (config.history ?? []).filter((entry) => entry.empty_layer !== true);
  const built = layers.findIndex(({ created_by: by }) => !/^(?:apply image|install update)\b/iu.test(by ?? ''));
  const count = Math.max(foreign < 0 ? manifest.layers.length : foreign, built < 0 ? layers.length : built);
  return Math.min(count, manifest.layers.length, config.rootfs.diff_ids.length);
}

function isForeign(layer: Descriptor): boolean {
  return isForeignLayerType(layer.mediaType) || (layer.urls ?? []).length > 0;
}

/**
 * Which of Windowbox's bases takes the place of an image's Microsoft layers. The label says it where Windowbox built the image; else
 * their size does: Nano Server is some 100 to 300 MB packed, Server Core 1.2 to 2.5 GB, the others more.
 */
export function baseOfImage(config: ImageConfig, layers: readonly Descriptor[]): Base {
  const labelled = /^(\w+) (10\.[\d.]+)$/u.exec(config.config?.Labels?.[baseLabel] ?? '');
  const product = products.find((known) => known === labelled?.[1]);
  const osVersion = config['os.version'] ?? labelled?.[2] ?? '';
  if (product) return { product, osVersion };
  const packed = layers.reduce((sum, { size }) => sum + size, 0);
  return { product: productOfSize(packed, parseOsVersion(osVersion)?.build ?? 0), osVersion };
}

function productOfSize(packed: number, build: number): BaseProduct {
  if (packed < 700e6) return 'nanoserver';
  if (packed < 2.7e9) return 'servercore';
  return build >= 20_348 ? 'server' : 'windows';
}

export const baseLabel = 'dev.windowbox.base';
const products: readonly BaseProduct[] = ['nanoserver', 'servercore', 'server', 'windows'];
