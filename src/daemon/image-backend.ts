import type { BuilderState } from '../builder/index.js';
import type { Engine } from '../engine/index.js';
import type { ImageStore } from '../images/index.js';
import { baseRepositories } from '../rules/index.js';
import type { Backends } from '../server/index.js';
import { makeBuild } from './build-backend.js';
import { makeCommit } from './commit-container.js';
import { publishImageEvent, publishPrune } from './image-events.js';
import { makeImageTransfers } from './image-transfers.js';

type ImageBackend = Backends['images'];

/** The images as the API asks for them: the store, and what only the engine knows, which containers use one. */
export function makeImageBackend(store: ImageStore, engine: () => Engine, builder: BuilderState): ImageBackend {
  let users: ReadonlyMap<string, number> = new Map();
  let running: ReadonlySet<string> = new Set();
  const look = async (): Promise<void> => {
    const containers = await engine().containers.list({ all: true, limit: 0, size: false, filters: {} });
    users = countBy(containers.map(({ imageId }) => imageId));
    running = new Set(containers.filter(({ state }) => isUp(state.status)).map(({ id }) => id));
  };
  const build = makeBuild({ store, engine, state: builder });
  return {
    ...makeImageTransfers(store),
    ...build,
    save: async (names) => saveImages(store, engine(), names),
    pruneBuildCache: async (options) => {
      const pruned = await build.pruneBuildCache(options);
      publishPrune(engine(), 'builder', pruned.reclaimed);
      return pruned;
    },
    commit: makeCommit(store, engine),
    resolve: async (text, options) => store.resolve(text, options),
    inspect: async (text) => store.inspect(text),
    list: async (options) => {
      await look();
      return store.list(options);
    },
    history: async (text) => store.history(text),
    tag: async (text, name) => store.tag(text, name),
    rebase: async (text, options) =>
      store.rebase(text, {
        ...options,
        onto: baseName(options.onto),
        ...(options.from === undefined ? {} : { from: baseName(options.from) }),
      }),
    remove: async (text, options) => {
      await look();
      return store.remove(text, { ...options, isRunning: (holder) => running.has(holder) });
    },
    prune: async (filters) => {
      const pruned = await store.prune(filters);
      publishPrune(engine(), 'image', pruned.reclaimed);
      return pruned;
    },
    users: (imageId) => users.get(imageId) ?? 0,
  };
}

async function saveImages(
  store: ImageStore,
  engine: Engine,
  names: readonly string[],
): Promise<AsyncIterable<Uint8Array>> {
  const archive = await store.save(names);
  for (const name of names) {
    const { id, config } = await store.inspect(name);
    publishImageEvent(engine, { action: 'save', imageId: id, reference: id, labels: config.config?.Labels ?? {} });
  }
  return archive;
}

/** `servercore:ltsc2025` means Microsoft's image of that name; every other text is a name as it stands. */
export function baseName(text: string): string {
  const [, product = '', rest = ''] = /^(\w+)([:@].+)$/u.exec(text) ?? [];
  const repository = isProduct(product) ? baseRepositories[product][0] : undefined;
  return repository === undefined ? text : `${repository}${rest}`;
}

function isProduct(word: string): word is keyof typeof baseRepositories {
  return Object.hasOwn(baseRepositories, word);
}

function isUp(status: string): boolean {
  return status === 'running' || status === 'paused' || status === 'restarting';
}

function countBy(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
