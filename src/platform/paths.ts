import { join } from 'node:path';

/**
 * Where everything lives. Three roots, each movable by an environment variable, so that a test runs a whole engine in a
 * temporary folder and still shares the runtime root, which takes a minute to make.
 *
 * `home` (`WINDOWBOX_HOME`, default `/var/lib/windowbox`): state that must survive a reboot.
 * `run` (`WINDOWBOX_RUN`, default `/run/windowbox`): sockets and files of running containers; gone after a reboot.
 * `runtime` (`WINDOWBOX_RUNTIME`, default `<home>/runtime`): the runtime root and the bases, made by `windowbox setup`.
 */
export interface Paths {
  readonly home: string;
  readonly run: string;
  readonly runtime: string;
  /** The API's unix socket. */
  readonly socket: string;
  /** The engine's database. */
  readonly database: string;
  /** One folder a container, by full id: its log, its layer. */
  readonly containers: string;
  readonly volumes: string;
  readonly images: string;
  /** What builds keep (cache mounts) and what they need while they run. */
  readonly builder: string;
}

export function resolvePaths(env: NodeJS.ProcessEnv = process.env): Paths {
  const home = env['WINDOWBOX_HOME'] ?? '/var/lib/windowbox';
  const run = env['WINDOWBOX_RUN'] ?? '/run/windowbox';
  return {
    home,
    run,
    runtime: env['WINDOWBOX_RUNTIME'] ?? join(home, 'runtime'),
    socket: join(run, 'windowbox.sock'),
    database: join(home, 'engine.db'),
    containers: join(home, 'containers'),
    volumes: join(home, 'volumes'),
    images: join(home, 'images'),
    builder: join(home, 'builder'),
  };
}

/** The daemon's configuration file: `WINDOWBOX_CONFIG`, default `/etc/windowbox/daemon.json`. */
export function configurationPath(env: NodeJS.ProcessEnv = process.env): string {
  return env['WINDOWBOX_CONFIG'] ?? '/etc/windowbox/daemon.json';
}
