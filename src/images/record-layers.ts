import type { LayerRecord } from './image-records.js';
import type { StoreContext } from './store-context.js';

/**
 * Records layers whose files are in place, in the transaction that records their image. The files of new ones may not have reached the disk yet:
 * a sync of all that is being written on this machine would take longer than a small step of a build, and is caught up on soon.
 */
export function recordLayers({ records, sync }: StoreContext, layers: readonly LayerRecord[]): void {
  for (const layer of layers) {
    if (!records.layer(layer.chain)) sync.note(layer.chain);
    records.putLayer(layer);
  }
}
