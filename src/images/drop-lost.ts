import { familiarReference, parseReference } from '../oci/index.js';
import type { ImageRecords } from './image-records.js';

/**
 * Forgets images with a layer that was not on the disk yet when the machine went down; their folders go with the next sweep. Answers a sentence for
 * each image that is to be told.
 */
export function dropLost(records: ImageRecords, boot: string): readonly string[] {
  return records.transaction(() => {
    const lost = records.unsynced().filter((layer) => layer.boot !== boot);
    const chains = new Set(lost.map(({ chain }) => chain));
    const images = records.all().filter((image) => image.chains.some((chain) => chains.has(chain)));
    const told = images.map(({ id }) => {
      const [full] = records.namesOf(id);
      const name = full === undefined ? id : familiarReference(parseReference(full));
      records.delete(id);
      return `The image "${name}" is gone: the machine went down before all of it was on the disk. Pull, load or build it again.`;
    });
    for (const chain of chains) records.deleteLayer(chain);
    return told;
  });
}
