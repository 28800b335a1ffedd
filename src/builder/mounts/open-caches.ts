import { WindowboxError } from '../../errors/index.js';
import type { Build } from '../evaluate/build-state.js';
import type { RunMount } from '../parse/parse-mount.js';
import { openBindSource } from './bind-source.js';
import type { TakenCache } from './cache-store.js';
import { copyTree } from './copy-tree.js';
import type { MountStep, OpenMount, Undo } from './mount-step.js';

type CacheMount = Extract<RunMount, { type: 'cache' }>;

/** Takes the caches of a step: one folder for mounts of one name, always in one order, so that two steps never wait for each other. */
export async function openCaches(build: Build, { mounts, line }: MountStep, later: Undo): Promise<OpenMount[]> {
  const wanted = mounts.flatMap((mount) => (mount.type === 'cache' ? [{ mount, key: keyOf(mount) }] : []));
  const taken = new Map<string, TakenCache>();
  for (const { mount, key } of wanted.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    if (taken.has(key)) continue;
    const cache = await build.host.state.caches.take({
      key,
      sharing: mount.sharing,
      description: `cached mount ${mount.target} with id ${JSON.stringify(mount.id)}`,
      signal: build.request.signal,
      ...(mount.from === undefined
        ? {}
        : { fill: async (folder: string) => fillCache(build, { mount, line, folder }) }),
    });
    later(async () => {
      cache.release();
      await Promise.resolve();
    });
    taken.set(key, cache);
  }
  return wanted.map(({ mount: { target, readOnly }, key }) => ({
    source: taken.get(key)?.folder ?? '',
    target,
    readOnly,
  }));
}

/** A cache that begins with files of an image is another one than an empty cache of the same name. */
function keyOf({ id, from, source }: CacheMount): string {
  return from === undefined ? id : JSON.stringify([id, from, source]);
}

async function fillCache(
  build: Build,
  { mount, line, folder }: { readonly mount: CacheMount; readonly line: number; readonly folder: string },
): Promise<void> {
  const source = await openBindSource(build, { from: mount.from, source: mount.source, line });
  try {
    if (source.kind !== 'folder')
      throw new WindowboxError(
        'invalid-argument',
        `RUN --mount failed on line ${String(line)}: ${mount.source}: a cache begins with a folder`,
      );
    await copyTree(await source.path(), folder);
  } finally {
    await source.release();
  }
}
