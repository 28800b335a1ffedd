import { WindowboxError } from '../errors/index.js';
import type { Container } from './container.js';
import { dockerText } from './docker-texts.js';

/** All containers of the engine, found as Docker finds them. */
export interface ContainerRegistry {
  add(container: Container): void;
  remove(container: Container): void;
  all(): readonly Container[];
  byName(name: string): Container | undefined;
  byId(id: string): Container | undefined;
  /** Ids of containers whose saved state cannot be read: nothing can be done with them but remove them. */
  readonly damaged: Set<string>;
  /** The id of a damaged container that this id, or prefix of an id, means. */
  findDamaged(ref: string): string | undefined;
  /** Full id, then name (with or without a leading slash), then a unique prefix of an id. @throws `not-found`, `invalid-argument` when ambiguous, `data-loss`. */
  find(ref: string): Container;
}

export function createContainerRegistry(): ContainerRegistry {
  const containers = new Map<string, Container>();
  const damaged = new Set<string>();
  const findDamaged = (ref: string): string | undefined =>
    ref.length < 12 ? undefined : [...damaged].find((id) => id.startsWith(ref));
  const byName = (name: string): Container | undefined => {
    for (const container of containers.values()) if (container.record.name === name) return container;
    return undefined;
  };
  return {
    add: (container) => containers.set(container.record.id, container),
    remove: (container) => containers.delete(container.record.id),
    all: () => [...containers.values()],
    byName,
    damaged,
    findDamaged,
    byId: (id) => containers.get(id),
    find: (ref) => {
      const found = containers.get(ref) ?? byName(ref.replace(/^\//u, '')) ?? byPrefix(containers, ref);
      if (found !== undefined) return found;
      if (findDamaged(ref) !== undefined) throw damagedContainer(ref);
      throw new WindowboxError('not-found', dockerText('noSuchContainer', ref));
    },
  };
}

function byPrefix(containers: ReadonlyMap<string, Container>, prefix: string): Container | undefined {
  if (!/^[0-9a-f]+$/u.test(prefix)) return undefined;
  const matches = [...containers.entries()].filter(([id]) => id.startsWith(prefix));
  if (matches.length > 1) throw new WindowboxError('invalid-argument', dockerText('ambiguous', prefix));
  return matches[0]?.[1];
}

function damagedContainer(ref: string): WindowboxError {
  return new WindowboxError('data-loss', `Cannot use container "${ref}": its saved state is damaged`, {
    hint: 'What it wrote is still on the disk. "windowbox rm ID" removes it with all its files.',
  });
}
