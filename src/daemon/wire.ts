import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openBuilderState } from '../builder/index.js';
import { type Engine, engineMigrations, makeEngine } from '../engine/index.js';
import { type ImageEvent, type ImageStore, openImageStore } from '../images/index.js';
import { makeNetworkManager, type NetworkManager, networkMigrations } from '../network/index.js';
import { networkDatabase, networkOwner, openDatabase, type Paths } from '../platform/index.js';
import { type HostProfile, hostProfile } from '../rules/index.js';
import { type App, type Backends, createApi, createMetrics, type Metrics } from '../server/index.js';
import { makeBaseSource } from './base-source.js';
import { admitPull } from './admit-pull.js';
import { choosePlatform } from './choose-platform.js';
import type { DaemonConfig } from './config.js';
import { makeImageBackend } from './image-backend.js';
import { publishImageEvent } from './image-events.js';
import { makeEngineImages } from './images-adapter.js';
import type { DaemonLogger } from './logger.js';
import { makeEngineNetwork } from './network-adapter.js';
import { makeLogin } from './login.js';
import { makeNetworkBackend } from './network-backend.js';
import { makeEngineRules } from './rules-adapter.js';
import { makeRuntimes } from './make-runtimes.js';
import { makeTemplateBackend } from './template-backend.js';
import { makeSystemFacts } from './system-facts.js';

/** Everything put together; nothing listens yet. */
export interface Daemon {
  readonly app: App;
  readonly metrics: Metrics;
  readonly engine: Engine;
  /** Lets go of everything; containers go on. */
  close(): Promise<void>;
}

export interface WireOptions {
  readonly paths: Paths;
  readonly config: DaemonConfig;
  readonly logger: DaemonLogger;
  readonly debug: boolean;
}

/** The one place that names every part. */
export async function wireDaemon(options: WireOptions): Promise<Daemon> {
  const { paths, config, logger } = options;
  await mkdir(paths.home, { recursive: true, mode: 0o711 });
  await mkdir(paths.run, { recursive: true, mode: 0o711 });
  const host = presentedHost(config);
  const images = await openImages(options, { host: () => host, onEvent: (event) => publishImageEvent(engine, event) });
  const database = openDatabase(paths.database, engineMigrations);
  const networks = await makeNetworkManager({
    database: openDatabase(join(paths.home, networkDatabase), networkMigrations),
    folder: join(paths.run, 'netns'),
    chain: networkOwner(paths.home),
  });
  const runtimes = await makeRuntimes({ ...options, namespaces: networks.namespaces });
  const engine = await makeEngine({
    paths,
    database,
    runtime: (isolation) => runtimes[isolation],
    images: makeEngineImages(images, (message) => logger.warn(message)),
    rules: makeEngineRules({
      host: () => host,
      execOpts: config['exec-opts'] ?? [],
      ...(config.ruleset === undefined ? {} : { ruleset: config.ruleset }),
      ...(config.strict === undefined ? {} : { strict: config.strict }),
    }),
    network: makeEngineNetwork(networks, config),
    logger,
  });
  await restoreNetworks(engine, networks);
  const metrics = createMetrics();
  const builder = await openBuilderState(paths.builder);
  const imageBackend = makeImageBackend(images, () => engine, builder);
  const facts = await makeSystemFacts({ paths, config, host: () => host, debug: options.debug });
  const { containers, execs, volumes } = engine;
  const app = createApi(
    {
      containers,
      execs,
      volumes,
      images: imageBackend,
      networks: makeNetworkBackend(networks, () => engine),
      templates: makeTemplateBackend(runtimes.hyperv.templates, { paths, images, host: () => host }),
      system: systemBackend(engine, imageBackend, { facts, login: makeLogin(images) }),
    },
    { metrics, log: ({ level, message, ...fields }) => logger[level](message, fields) },
  );
  return {
    engine,
    metrics,
    app,
    close: async () => {
      await engine.close();
      for (const runtime of Object.values(runtimes)) await runtime.close();
      await networks.close();
      images.close();
      builder.close();
      database.close();
    },
  };
}

type SystemBackend = Backends['system'];

function systemBackend(
  engine: Engine,
  images: SystemBackend['images'],
  own: Pick<SystemBackend, 'facts' | 'login'>,
): SystemBackend {
  const { containers, volumes } = engine;
  return { containers, images, volumes, events: (wanted) => engine.events(wanted), ...own };
}

/** Addresses, names and ports of the containers that still run stay; what others left goes. */
async function restoreNetworks(engine: Engine, networks: NetworkManager): Promise<void> {
  const running = await engine.containers.list({ all: false, limit: 0, size: false, filters: {} });
  await networks.restore(new Set(running.map(({ id }) => id)));
}

/** @throws WindowboxError when the configuration names no known Windows. */
export function presentedHost(config: DaemonConfig): HostProfile {
  if (config.host === undefined) return hostProfile('windows-server-2025');
  if (typeof config.host === 'string') return hostProfile(config.host);
  const { profile, engine, edition, revision } = config.host;
  return hostProfile(profile, {
    ...(engine === undefined ? {} : { engine }),
    ...(edition === undefined ? {} : { edition }),
    ...(revision === undefined ? {} : { revision }),
  });
}

async function openImages(
  { paths, config, logger }: WireOptions,
  { host, onEvent }: { readonly host: () => HostProfile; readonly onEvent: (event: ImageEvent) => void },
): Promise<ImageStore> {
  return openImageStore({
    folder: paths.images,
    bases: makeBaseSource(paths),
    choose: choosePlatform(host),
    admit: admitPull(host),
    onEvent,
    onTrouble: (text) => {
      logger.warn(text);
    },
    registries: {
      insecureRegistries: config['insecure-registries'] ?? [],
      mirrors: config['registry-mirrors'] ?? [],
      microsoftMirrors: config['microsoft-mirrors'] ?? [],
    },
  });
}
