import { newestApiVersion } from '../docker-api/index.js';
import { type App, buildApp } from './http/app.js';
import type { Log } from './http/log.js';
import type { Metrics } from './http/metrics.js';
import type { Route } from './http/route.js';
import type { ContainerBackend } from './routes/containers/backend.js';
import { containerRoutes } from './routes/containers/routes.js';
import type { ExecBackend } from './routes/exec/backend.js';
import { execRoutes } from './routes/exec/routes.js';
import type { ImageBackend } from './routes/images/backend.js';
import { imageRoutes } from './routes/images/routes.js';
import type { NetworkBackend } from './routes/networks/backend.js';
import { networkRoutes } from './routes/networks/routes.js';
import { swarmRoutes } from './routes/swarm/routes.js';
import type { SystemBackend } from './routes/system/backend.js';
import { systemRoutes } from './routes/system/routes.js';
import type { TemplateBackend } from './routes/templates/backend.js';
import { templateRoutes } from './routes/templates/routes.js';
import type { VolumeBackend } from './routes/volumes/backend.js';
import { volumeRoutes } from './routes/volumes/routes.js';

/** What the API stands on: one narrow interface a noun. The daemon fulfils them. */
export interface Backends {
  readonly containers: ContainerBackend;
  readonly execs: ExecBackend;
  readonly images: ImageBackend;
  readonly networks: NetworkBackend;
  readonly volumes: VolumeBackend;
  readonly system: SystemBackend;
  readonly templates: TemplateBackend;
}

export interface ApiOptions {
  readonly metrics: Metrics;
  readonly log: Log;
}

/** The Docker Engine API over these backends. Put it on a socket with `createNodeServer`. */
export function createApi(backends: Backends, options: ApiOptions): App {
  return buildApp({
    ...options,
    routes: apiRoutes(backends, options.metrics),
    headers: {
      'Api-Version': newestApiVersion,
      'Docker-Experimental': 'false',
      Ostype: 'windows',
      // Docker's clients read the operating system out of this when `Ostype` is missing.
      Server: `Docker/${backends.system.facts().version} (windows)`,
    },
  });
}

/** The route table, in the order in which routes are tried. */
export function apiRoutes(backends: Backends, metrics: Metrics): readonly Route[] {
  return [
    ...containerRoutes({
      containers: backends.containers,
      metrics,
      processors: () => backends.system.facts().processors,
    }),
    ...execRoutes(backends.execs),
    ...imageRoutes(backends.images),
    ...networkRoutes(backends.networks),
    ...volumeRoutes(backends.volumes),
    ...templateRoutes(backends.templates),
    ...systemRoutes(backends.system, metrics),
    ...swarmRoutes(),
  ];
}
