import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openBuilderState } from '../../src/builder/index.js';
import { engineMigrations, makeEngine } from '../../src/engine/index.js';
import { type BaseSource, openImageStore } from '../../src/images/index.js';
import { formatOsVersion } from '../../src/oci/index.js';
import { openDatabase, resolvePaths } from '../../src/platform/index.js';
import { defaultHostId, describeHost, hostProfile, resolveBase } from '../../src/rules/index.js';
import {
  type App,
  type Backends,
  createApi,
  createMetrics,
  createNodeServer,
  listenOnSocket,
  type LogEntry,
} from '../../src/server/index.js';
import { makeImageBackend } from '../../src/daemon/image-backend.js';
import { publishImageEvent } from '../../src/daemon/image-events.js';
import { makeEngineImages } from '../../src/daemon/images-adapter.js';
import { makeLogin } from '../../src/daemon/login.js';
import { makeEngineRules } from '../../src/daemon/rules-adapter.js';
import { fakeNetworks } from './fake-networks.js';
import { fakeTemplates } from './fake-templates.js';
import { fakeRuntime } from './fake-runtime.js';

export interface TestDaemon {
  /** `unix:///…`, for DOCKER_HOST. */
  readonly host: string;
  readonly socketPath: string;
  readonly app: App;
  /** Lines of level `error`: each is a bug of ours. */
  readonly errors: readonly LogEntry[];
  close(): Promise<void>;
}

/** The real engine, image store, rules and server on a runtime in memory, in a temporary folder. */
export async function startTestDaemon(options: { readonly host?: string } = {}): Promise<TestDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-api-'));
  const paths = resolvePaths({ WINDOWBOX_HOME: join(folder, 'home'), WINDOWBOX_RUN: join(folder, 'run') });
  const database = openDatabase(paths.database, engineMigrations);
  const store = await openImageStore({
    folder: paths.images,
    bases: testBases(folder),
    choose: () => 0,
    onEvent: (event) => publishImageEvent(engine, event),
  });
  const host = hostProfile(options.host ?? defaultHostId);
  const runtimes = { process: fakeRuntime('process'), hyperv: fakeRuntime('hyperv') };
  const networks = fakeNetworks();
  const engine = await makeEngine({
    paths,
    database,
    runtime: (isolation) => runtimes[isolation],
    images: makeEngineImages(store, () => undefined),
    rules: makeEngineRules({ host: () => host, execOpts: [] }),
    network: networks.engineNetwork,
    logger: { info: () => undefined, warn: () => undefined },
  });
  const builder = await openBuilderState(paths.builder);
  const images = makeImageBackend(store, () => engine, builder);
  const backends: Backends = {
    containers: engine.containers,
    execs: engine.execs,
    volumes: engine.volumes,
    networks: networks.backend,
    images,
    templates: fakeTemplates(),
    system: {
      containers: engine.containers,
      images,
      volumes: engine.volumes,
      events: (request) => engine.events(request),
      login: makeLogin(store),
      facts: () => ({
        id: '11111111-2222-3333-4444-555555555555',
        hostName: 'testhost',
        version: '0.1.0',
        commit: 'abcdef0',
        builtAt: '',
        host: describeHost(host),
        processors: 4,
        memory: 8_589_934_592,
        rootFolder: 'C:\\ProgramData\\docker',
        labels: [],
        debug: false,
        warnings: [],
        registryMirrors: [],
        insecureRegistries: [],
      }),
    },
  };
  const errors: LogEntry[] = [];
  const log = (entry: LogEntry): void => {
    if (entry.level === 'error') errors.push(entry);
  };
  const metrics = createMetrics();
  const app = createApi(backends, { metrics, log });
  const server = createNodeServer({ app, metrics, log });
  const socketPath = join(folder, 'docker.sock');
  await listenOnSocket(server, socketPath);
  return {
    host: `unix://${socketPath}`,
    socketPath,
    app,
    errors,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await engine.close();
      store.close();
      builder.close();
      database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The same, ended with the test. */
export async function testDaemon(t: TestContext, options: { readonly host?: string } = {}): Promise<TestDaemon> {
  const daemon = await startTestDaemon(options);
  t.after(() => daemon.close());
  return daemon;
}

/** Microsoft's names resolve offline, to folders with nothing in them. */
function testBases(folder: string): BaseSource {
  return {
    find: (reference) => {
      const base = resolveBase(reference);
      return base && { product: base.product, osVersion: formatOsVersion(base.osVersion) };
    },
    ensure: async () => ({ lower: [join(folder, 'base')] }),
  };
}
