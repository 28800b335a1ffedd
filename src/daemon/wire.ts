import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine, engineMigrations, makeEngine } from '../engine/index.js';
import { type ImageStore, openImageStore } from '../images/index.js';
import { openDatabase, type Paths, readRuntimeParts } from '../platform/index.js';
import { type HostProfile, hostProfile } from '../rules/index.js';
import type { Isolation, Runtime } from '../runtime/index.js';
import { createProcessRuntime } from '../runtime-process/index.js';
import { type App, createApi, createMetrics, type Metrics } from '../server/index.js';
import { makeBaseSource } from './base-source.js';
import { choosePlatform } from './choose-platform.js';
import type { DaemonConfig } from './config.js';
import { makeImageBackend } from './image-backend.js';
import { makeEngineImages } from './images-adapter.js';
import type { DaemonLogger } from './logger.js';
import { noNetwork, noNetworkBackend } from './no-network.js';
import { makeEngineRules } from './rules-adapter.js';
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
  const images = await openImages(options, () => host);
  const runtimes = await makeRuntimes(options);
  const database = openDatabase(paths.database, engineMigrations);
  const engine = await makeEngine({
    paths,
    database,
    runtime: (isolation) => runtimes.get(isolation),
    images: makeEngineImages(images, (message) => logger.warn(message)),
    rules: makeEngineRules({
      host: () => host,
      execOpts: config['exec-opts'] ?? [],
      ...(config.ruleset === undefined ? {} : { ruleset: config.ruleset }),
      ...(config.strict === undefined ? {} : { strict: config.strict }),
    }),
    network: noNetwork,
    logger,
  });
  const metrics = createMetrics();
  const imageBackend = makeImageBackend(images, () => engine);
  const facts = await makeSystemFacts({ paths, config, host: () => host, debug: options.debug });
  const { containers, execs, volumes } = engine;
  const app = createApi(
    {
      containers,
      execs,
      volumes,
      images: imageBackend,
      networks: noNetworkBackend,
      system: { containers, images: imageBackend, volumes, events: (wanted) => engine.events(wanted), facts },
    },
    { metrics, log: ({ level, message, ...fields }) => logger[level](message, fields) },
  );
  return {
    engine,
    metrics,
    app,
    close: async () => {
      await engine.close();
      for (const runtime of runtimes.values()) await runtime.close();
      images.close();
      database.close();
    },
  };
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

async function openImages({ paths, config }: WireOptions, host: () => HostProfile): Promise<ImageStore> {
  return openImageStore({
    folder: paths.images,
    bases: makeBaseSource(paths),
    choose: choosePlatform(host),
    registries: {
      insecureRegistries: config['insecure-registries'] ?? [],
      mirrors: config['registry-mirrors'] ?? [],
    },
  });
}

async function makeRuntimes({ paths, config, logger }: WireOptions): Promise<ReadonlyMap<Isolation, Runtime>> {
  const parts = await readRuntimeParts(paths);
  const process = createProcessRuntime({
    run: paths.run,
    prepared: join(paths.home, 'prepared'),
    runtimeRoot: parts.root,
    guestFolder: parts.guest,
    log: (message) => logger.warn(message),
    ...(config.runc === undefined ? {} : { ociRuntime: config.runc }),
  });
  return new Map([['process', process]]);
}
