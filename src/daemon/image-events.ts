import type { Engine } from '../engine/index.js';
import type { ImageEvent } from '../images/index.js';
import { familiarName, parseReference } from '../oci/index.js';

/** What the image store tells, as `docker events` shows it: a transfer is known by its name, all else by the image's id. */
export function publishImageEvent(engine: Engine, { action, imageId, reference, labels }: ImageEvent): void {
  const isTransfer = action === 'pull' || action === 'push';
  const isNamed = isTransfer || action === 'tag';
  const shown = isTransfer ? familiarName(parseReference(reference)) : reference;
  engine.publish({
    type: 'image',
    action,
    actor: isTransfer ? reference : imageId,
    attributes: { ...labels, name: isNamed ? shown : imageId },
  });
}

/** The end of a `prune`: one event for all that went, besides those of each. `reclaimed` in bytes. */
export function publishPrune(engine: Engine, type: 'image' | 'builder' | 'network', reclaimed: number): void {
  engine.publish({ type, action: 'prune', actor: '', attributes: { reclaimed: String(reclaimed) } });
}
