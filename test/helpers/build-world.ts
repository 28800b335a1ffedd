import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import {
  type BuildHost,
  buildImages,
  type BuildRequest,
  openBuilderState,
  type RunRequest,
  type Say,
} from '../../src/builder/index.js';
import { type ImageStore, openImageStore } from '../../src/images/index.js';
import { tarEnd, tarHeader, tarPadding } from '../../src/platform/index.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-build-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows/system32'), { recursive: true });

export interface World {
  readonly store: ImageStore;
  readonly host: BuildHost;
  /** Command lines that were run; a command writes its own line to C:\ran.txt, and `exit N` ends with N. */
  readonly ran: string[];
  /** What a command does more; it may look at what the step gave it. */
  act: (request: RunRequest) => void | Promise<void>;
  /** Containers that were removed again. */
  removed: number;
}

/** `sources`: where the manifests of Microsoft's bases are. The real store and builder; only the container is replaced, since the builder must be right about what it asks of one. */
export async function openWorld(sources: readonly string[] = []): Promise<World> {
  const store = await openImageStore({
    folder: mkdtempSync(join(folder, 'store-')),
    bases: {
      find: ({ domain, path, tag }) =>
        domain === 'mcr.microsoft.com' && path === 'windows/nanoserver'
          ? { product: 'nanoserver', osVersion: `10.0.${tag ?? ''}.1` }
          : undefined,
      ensure: async () => ({ lower: [base] }),
      sources: () => sources,
    },
    choose: () => 0,
  });
  const ran: string[] = [];
  const state = await openBuilderState(mkdtempSync(join(folder, 'builder-')));
  const host: BuildHost = {
    state,
    image: async (name, { platform }) =>
      store.resolve(
        platform === undefined ? name : name.replace('20348', /10\.0\.(\d+)/u.exec(platform)?.[1] ?? '20348'),
      ),
    children: async (id) => store.children(id),
    commit: async (request) =>
      store.commit({
        ...request,
        ...(request.latest === undefined ? {} : { created: new Date(request.latest * 1000).toISOString() }),
      }),
    mount: async (id) => store.mount(id),
    tag: (ids, name) => {
      store.nameBuilds(ids, name);
    },
    keep: () => {},
    letGo: async () => {},
    run: async (request) => {
      const { commandLine, config, onStart, onOutput } = request;
      onStart('c'.repeat(64));
      ran.push(`${commandLine} [${(config.Env ?? []).join(' ')}]`);
      onOutput(Buffer.from('output\n'));
      await world.act(request);
      const upper = mkdtempSync(join(folder, 'upper-'));
      mkdirSync(join(upper, 'drive_c'));
      writeFileSync(join(upper, 'drive_c/ran.txt'), commandLine);
      const exitCode = Number(/exit (\d+)/u.exec(commandLine)?.[1] ?? 0);
      return {
        exitCode,
        commit: async (request) => ({ id: await store.commit({ ...request, upper }), registry: false }),
        remove: async () => {
          world.removed += 1;
        },
      };
    },
  };
  const world: World = { store, host, ran, act: () => {}, removed: 0 };
  return world;
}

export type Files = Readonly<Record<string, string | Buffer>>;

export async function* contextOf(files: Files): AsyncGenerator<Uint8Array> {
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    yield tarHeader({ name, type: 'file', size: bytes.length, modified: BigInt(Date.now()) * 1_000_000n });
    yield bytes;
    yield tarPadding(bytes.length);
  }
  yield tarEnd;
}

/** Builds in a world; answers the images' ids and what the classic builder said. */
export async function build(
  { host }: World,
  dockerfile: string,
  more: Partial<BuildRequest> & { files?: Files; hear?: (text: string) => void; say?: Say } = {},
): Promise<{ ids: readonly string[]; said: string }> {
  const { files = {}, hear, say, ...request } = more;
  let said = '';
  const ids = await buildImages(
    host,
    {
      context: { type: 'tar', bytes: contextOf({ Dockerfile: dockerfile, ...files }) },
      dockerfile: 'Dockerfile',
      tags: [],
      quiet: false,
      noCache: false,
      pull: false,
      buildArguments: {},
      labels: {},
      target: '',
      platform: '',
      isolation: '',
      networkMode: '',
      extraHosts: [],
      memory: 0,
      cpuShares: 0,
      secrets: new Map(),
      signal: new AbortController().signal,
      ...request,
    },
    (message) => {
      say?.(message);
      if (!('stream' in message)) return;
      said += message.stream;
      hear?.(message.stream);
    },
  );
  return { ids, said };
}

/** A file of an image's C:. */
export async function read({ store }: World, id: string, path: string): Promise<string> {
  const mounted = await store.mount(id);
  try {
    return readFileSync(join(mounted.path, 'drive_c', path), 'utf8');
  } finally {
    await mounted.release();
  }
}
