import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import { containerOwner, folderSize, openDatabase } from '../../platform/index.js';
import type { CacheSharing } from '../parse/parse-mount.js';
import { type CacheRecord, cacheMigrations, createCacheRecords } from './cache-records.js';
import { type CacheFilters, fitsFilters } from './cache-filters.js';

/** The folders behind `RUN --mount=type=cache`: they outlive builds and are no part of any image. */
export interface CacheStore {
  /** Takes a cache for one step; makes it when there is none. Waits where `sharing` says so. */
  take(request: CacheRequest): Promise<TakenCache>;
  list(): Promise<readonly CacheView[]>;
  /** Deletes those that no step uses and the filters fit. */
  prune(options: CachePrune): Promise<{ readonly ids: readonly string[]; readonly reclaimed: number }>;
  close(): void;
}

export interface CacheRequest {
  readonly key: string;
  readonly sharing: CacheSharing;
  /** For people: `builder prune` and `system df` show it. */
  readonly description: string;
  /** Fills a new cache's folder. */
  readonly fill?: (folder: string) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface TakenCache {
  readonly folder: string;
  release(): void;
}

/** A cache as Docker's API shows it. Times in milliseconds since 1970. */
export interface CacheView extends CacheRecord {
  readonly size: number;
  readonly inUse: boolean;
}

export interface CachePrune {
  readonly filters: CacheFilters;
  /** Bytes that may stay, of those used last; 0: nothing stays. */
  readonly keep: number;
}

interface Use {
  readonly sharing: CacheSharing;
  count: number;
}

/** Opens the store in a folder, and removes what a crash left half-made. */
export async function openCacheStore(folder: string): Promise<CacheStore> {
  const caches = join(folder, 'caches');
  await mkdir(caches, { recursive: true, mode: 0o711 });
  const database = openDatabase(join(folder, 'builder.db'), cacheMigrations);
  const records = createCacheRecords(database);
  const pathOf = (id: string): string => join(caches, id);
  for (const { id } of records.all()) if (!existsSync(pathOf(id))) records.delete(id);
  const known = new Set(records.all().map(({ id }) => id));
  for (const name of await readdir(caches))
    if (!known.has(name)) await rm(join(caches, name), { recursive: true, force: true });
  const uses = new Map<string, Use>();
  const waiting = new Set<() => void>();
  const state: State = { records, pathOf, uses, waiting, making: new Map() };
  return {
    take: async (request) => takeCache(state, request),
    list: async () =>
      Promise.all(
        records.all().map(async (record) => ({
          ...record,
          size: await folderSize(pathOf(record.id)),
          inUse: uses.has(record.id),
        })),
      ),
    prune: async (options) => pruneCaches(state, options),
    close: () => {
      database.close();
    },
  };
}

interface State {
  readonly records: ReturnType<typeof createCacheRecords>;
  readonly pathOf: (id: string) => string;
  /** By the cache's id: who uses it now. */
  readonly uses: Map<string, Use>;
  readonly waiting: Set<() => void>;
  /** By key: a cache that is being filled; two steps must not make the same. */
  readonly making: Map<string, Promise<unknown>>;
}

async function takeCache(state: State, request: CacheRequest): Promise<TakenCache> {
  for (;;) {
    if (request.signal.aborted) throw new WindowboxError('cancelled', 'build cancelled');
    const fitting = state.records.all().filter(({ key }) => key === request.key);
    const free = fitting.find(({ id }) => isFree(state, id, request.sharing));
    if (free) return use(state, free.id, request.sharing);
    if (state.making.has(request.key)) {
      await state.making.get(request.key)?.catch(() => {});
      continue;
    }
    const locked = request.sharing === 'locked' || fitting.some(({ id }) => state.uses.get(id)?.sharing === 'locked');
    if (fitting.length > 0 && locked) await nextRelease(state, request.signal);
    else {
      const made = makeCache(state, request);
      state.making.set(request.key, made);
      try {
        await made;
      } finally {
        state.making.delete(request.key);
      }
    }
  }
}

function isFree(state: State, id: string, sharing: CacheSharing): boolean {
  const use = state.uses.get(id);
  return use === undefined || (use.sharing === 'shared' && sharing === 'shared');
}

function use(state: State, id: string, sharing: CacheSharing): TakenCache {
  const current = state.uses.get(id) ?? { sharing, count: 0 };
  current.count += 1;
  state.uses.set(id, current);
  state.records.touch(id, Date.now());
  let released = false;
  return {
    folder: state.pathOf(id),
    release: () => {
      if (released) return;
      released = true;
      current.count -= 1;
      if (current.count === 0) state.uses.delete(id);
      // A set may shrink while it is walked: each waiter takes itself out.
      for (const wake of state.waiting) wake();
    },
  };
}

async function nextRelease(state: State, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      state.waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    state.waiting.add(wake);
    signal.addEventListener('abort', wake);
  });
}

async function makeCache(state: State, { key, description, fill }: CacheRequest): Promise<void> {
  const id = randomBytes(13).toString('hex').slice(0, 25);
  const half = `${state.pathOf(id)}.new`;
  try {
    await mkdir(half, { mode: 0o755 });
    await fill?.(half);
    await chown(half, containerOwner.uid, containerOwner.gid);
    await rename(half, state.pathOf(id));
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    throw error;
  }
  const now = Date.now();
  state.records.put({ id, key, description, createdAt: now, lastUsedAt: now, usageCount: 0 });
}

async function pruneCaches(
  state: State,
  { filters, keep }: CachePrune,
): Promise<{ readonly ids: readonly string[]; readonly reclaimed: number }> {
  const all = state.records.all().toSorted((a, b) => b.lastUsedAt - a.lastUsedAt);
  const ids: string[] = [];
  let [kept, reclaimed] = [0, 0];
  for (const record of all) {
    const size = await folderSize(state.pathOf(record.id));
    const inUse = state.uses.has(record.id);
    if (inUse || !fitsFilters(record, filters) || kept + size <= keep) {
      kept += size;
      continue;
    }
    // The record first: a folder without one is removed at the next start.
    state.records.delete(record.id);
    await rm(state.pathOf(record.id), { recursive: true, force: true });
    ids.push(record.id);
    reclaimed += size;
  }
  return { ids, reclaimed };
}
