import {
  type BuilderState,
  type BuildHost,
  buildImages,
  type BuildMessage,
  cacheType,
  type ContextInput,
  remoteContext,
} from '../builder/index.js';
import { buildStepId, type BuildWanted, buildWantedId, type ProgressMessage } from '../docker-api/index.js';
import type { Engine } from '../engine/index.js';
import { isErrorCode, WindowboxError } from '../errors/index.js';
import type { Credentials, Image, ImageStore } from '../images/index.js';
import { parseReference } from '../oci/index.js';
import { describeFullDisk, isDiskFull } from '../platform/index.js';
import type { Backends } from '../server/index.js';
import { baseForPlatform } from './base-for-platform.js';
import { progressQueue } from './progress-queue.js';
import { runBuildStep } from './run-build-step.js';

type ImageBackend = Backends['images'];
type Auths = Parameters<ImageBackend['build']>[0]['auths'];

type BuildBackend = Pick<ImageBackend, 'build' | 'buildCache' | 'pruneBuildCache'>;

/** `docker build` and its cache: the builder, on the image store and the engine. */
export function makeBuild(options: Omit<HostOptions, 'auths'>): BuildBackend {
  const { caches } = options.state;
  return {
    build: (request) =>
      progressQueue(async (report) => {
        const host = makeBuildHost({ ...options, auths: request.auths });
        try {
          await buildImages(host, { ...request, context: inputOf(request, options.state.work) }, (message) => {
            const shown = shownMessage(message, request.steps);
            if (shown) report(shown);
          });
        } catch (error) {
          // The store explains its own; the context and its unpacked archives lie in the builder's folder.
          if (!isDiskFull(error) || error instanceof WindowboxError) throw error;
          throw await describeFullDisk(error, { what: 'Cannot build', folder: options.state.work });
        }
      }),
    buildCache: async () => (await caches.list()).map((cache) => ({ ...cache, type: cacheType })),
    pruneBuildCache: async (prune) => {
      const pruned = await caches.prune(prune);
      // No client knows of these: they go where all goes.
      const isAll = prune.keep === 0 && Object.keys(prune.filters).length === 0;
      if (!isAll) return pruned;
      const { contexts, spools } = options.state;
      return { ...pruned, reclaimed: pruned.reclaimed + (await contexts.clear()) + spools.clear() };
    },
  };
}

function inputOf({ context, signal }: Parameters<ImageBackend['build']>[0], scratch: string): ContextInput {
  if (context.type !== 'remote') return context;
  return { type: 'tar', bytes: remoteContext(context.address, { scratch, signal }) };
}

/** A client that shows steps gets those in place of the classic builder's lines. */
function shownMessage(message: BuildMessage, steps: boolean): ProgressMessage | undefined {
  if ('wanted' in message) return { id: buildWantedId, aux: message satisfies BuildWanted };
  if ('step' in message) return steps ? { id: buildStepId, aux: message.step } : undefined;
  return 'stream' in message && steps ? undefined : message;
}

interface HostOptions {
  readonly state: BuilderState;
  readonly store: ImageStore;
  readonly engine: () => Engine;
  readonly auths: Auths;
}

function makeBuildHost(options: HostOptions): BuildHost {
  const { store, engine, state } = options;
  const kept = new Map<string, Set<string>>();
  return {
    state,
    image: async (name, request) => {
      const wanted = baseForPlatform(name, request.platform);
      if (wanted !== name) request.report(`Base for ${request.platform ?? ''}: ${wanted}`);
      return findImage(options, wanted, request);
    },
    children: async (imageId) => store.children(imageId),
    commit: async (request) => {
      // An image's own digest says when it was made: with a fixed time equal builds are equal images.
      const { latest } = request;
      return store.commit({
        ...request,
        ...(latest === undefined ? {} : { created: new Date(latest * 1000).toISOString() }),
      });
    },
    run: async (request) => runBuildStep({ store, engine: engine() }, request),
    mount: async (imageId) => store.mount(imageId),
    tag: (imageIds, name) => {
      store.nameBuilds(imageIds, name);
    },
    keep: (imageId, build) => {
      const holders = kept.get(build) ?? new Set<string>();
      kept.set(build, holders);
      const holder = `${build}-${imageId.slice(7, 19)}`;
      if (!holders.has(holder)) store.hold(imageId, holder, 'brief');
      holders.add(holder);
    },
    letGo: async (build) => {
      for (const holder of kept.get(build) ?? []) await store.release(holder);
      kept.delete(build);
    },
  };
}

async function findImage(
  { store, auths }: HostOptions,
  name: string,
  request: Parameters<BuildHost['image']>[1],
): Promise<Image> {
  const platform = request.platform === undefined ? {} : { platform: request.platform };
  if (!request.pull) {
    try {
      return await store.resolve(name, platform);
    } catch (error) {
      if (!isErrorCode(error, 'not-found')) throw error;
    }
  }
  const id = await store.pull(name, {
    ...platform,
    ...credentialsFor(name, auths),
    signal: request.signal,
    report: ({ status, id: layer }) => {
      request.report(layer === undefined ? status : `${layer}: ${status}`);
    },
  });
  return store.inspect(id);
}

function credentialsFor(name: string, auths: Auths): { credentials?: Credentials } {
  const { domain } = parseReference(name);
  const found =
    auths[domain] ??
    auths[`https://${domain}`] ??
    (domain === 'docker.io' ? auths['https://index.docker.io/v1/'] : undefined);
  return found === undefined ? {} : { credentials: found };
}
