import { WindowboxError } from '../errors/index.js';
import { familiarReference, formatReference, isDigest, parseReference, withDefaultTag } from '../oci/index.js';
import { localIds, noSuchImage } from './find-image.js';
import type { StoreContext } from './store-context.js';
import type { RemovedImage, RemoveOptions } from './types.js';

/**
 * Removes a name, and the image with the last of them, by Docker's rules. What containers hold stays on the disk until they let
 * go of it, even when it was removed by force.
 *
 * @throws WindowboxError `not-found`, or `conflict` with Docker's text.
 */
export function removeImage(context: StoreContext, text: string, options: RemoveOptions): readonly RemovedImage[] {
  const ids = localIds(context, text);
  if (ids.length === 0) throw noSuchImage(text);
  return context.records.transaction(() => ids.flatMap((id) => removeOne(context, { text, id, options })));
}

interface Target {
  readonly text: string;
  readonly id: string;
  readonly options: RemoveOptions;
}

function removeOne(context: StoreContext, target: Target): RemovedImage[] {
  const { id, text, options } = target;
  const { records } = context;
  const names = records.namesOf(id);
  const removed: RemovedImage[] = [];
  const byId = !isNameOf(context, id, text);
  if (!byId) {
    const holder = records.holdersOf(id)[0];
    if (!options.force && names.length <= 1 && holder !== undefined)
      throw conflict(
        `conflict: unable to remove repository reference "${text}" (must force) - container ${shortId(holder)} is using its referenced image ${shortId(id)}`,
      );
    removed.push(...untag(context, id, text));
    // As Docker: a name goes in any case, and the image stays for whoever else needs it.
    if (records.namesOf(id).length > 0 || findConflict(context, target, byId)) return removed;
  }
  const found = findConflict(context, target, byId);
  if (found) throw found;
  for (const name of records.namesOf(id)) removed.push(...untagName(context, id, name));
  for (const { repository, digest } of records.digestsOf(id)) removed.push({ untagged: `${repository}@${digest}` });
  removed.push(...deleteImage(context, id, options.prune));
  return removed;
}

/** A name or `repository@digest`; with the last tag of a repository its digests go too. */
function untag(context: StoreContext, id: string, text: string): RemovedImage[] {
  const reference = withDefaultTag(parseReference(text));
  const repository = `${reference.domain}/${reference.path}`;
  if (reference.digest !== undefined) {
    context.records.removeDigests(id, repository);
    return [{ untagged: familiarReference(reference) }];
  }
  const removed = untagName(context, id, formatReference(reference));
  const others = context.records.namesOf(id).some((name) => name.startsWith(`${repository}:`));
  if (others) return removed;
  const digests = context.records.digestsOf(id).filter((entry) => entry.repository === repository);
  if (context.records.namesOf(id).length > 0) context.records.removeDigests(id, repository);
  else return removed;
  return [
    ...removed,
    ...digests.map(({ digest }) => ({ untagged: `${familiarReference(parseReference(repository))}@${digest}` })),
  ];
}

function untagName(context: StoreContext, id: string, name: string): RemovedImage[] {
  const shown = familiarReference(parseReference(name));
  context.records.removeName(name);
  context.emit({ action: 'untag', imageId: id, reference: shown });
  return [{ untagged: shown }];
}

function findConflict(context: StoreContext, { id, options }: Target, byId: boolean): WindowboxError | undefined {
  const { records } = context;
  const holders = records.holdersOf(id);
  const running = holders.find((holder) => options.isRunning?.(holder) === true);
  const unable = `conflict: unable to delete ${shortId(id)}`;
  if (records.childrenOf(id).some((child) => records.find(child)?.hidden === false))
    return conflict(`${unable} (cannot be forced) - image has dependent child images`);
  if (running !== undefined)
    return conflict(`${unable} (cannot be forced) - image is being used by running container ${shortId(running)}`);
  if (options.force) return undefined;
  if (byId && new Set(records.namesOf(id).map(repositoryOf)).size > 1)
    return conflict(`${unable} (must be forced) - image is referenced in multiple repositories`);
  if (holders[0] === undefined) return undefined;
  return conflict(`${unable} (must be forced) - image is being used by stopped container ${shortId(holders[0])}`);
}

function deleteImage(context: StoreContext, id: string, prune: boolean): RemovedImage[] {
  const { records } = context;
  const parent = records.find(id)?.parent ?? '';
  records.removeDigests(id);
  if (records.holdersOf(id).length > 0) records.hide(id);
  else records.delete(id);
  context.emit({ action: 'delete', imageId: id, reference: id });
  const removed: RemovedImage[] = [{ deleted: id }];
  if (!prune || parent === '' || !isUnused(context, parent)) return removed;
  return [...removed, ...deleteImage(context, parent, prune)];
}

function isUnused({ records }: StoreContext, id: string): boolean {
  return (
    records.find(id) !== undefined &&
    [records.namesOf(id), records.digestsOf(id), records.childrenOf(id), records.holdersOf(id)].every(
      (list) => list.length === 0,
    )
  );
}

/** A name may look like the beginning of an id (`a`): then it is the name. */
function isNameOf({ records }: StoreContext, id: string, text: string): boolean {
  if (isDigest(text) || /^[0-9a-f]{64}$/u.test(text)) return false;
  const reference = withDefaultTag(parseReference(text));
  if (reference.digest !== undefined) return true;
  return records.namesOf(id).includes(formatReference(reference));
}

function repositoryOf(name: string): string {
  return name.replace(/:[^:/]+$/u, '');
}

/** Twelve digits, as Docker shortens ids. */
function shortId(id: string): string {
  return id.replace(/^sha256:/u, '').slice(0, 12);
}

function conflict(message: string): WindowboxError {
  return new WindowboxError('conflict', message);
}
