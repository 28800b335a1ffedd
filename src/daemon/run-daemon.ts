import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lockFile, type Paths } from '../platform/index.js';
import { type ListenerOptions, openListeners } from '../server/index.js';
import { type DaemonConfig, readConfig } from './config.js';
import { makeLogger } from './logger.js';
import { type Daemon, wireDaemon, type WireOptions } from './wire.js';

export interface RunOptions {
  readonly paths: Paths;
  readonly env: NodeJS.ProcessEnv;
  readonly args: readonly string[];
}

/**
 * Runs the daemon until SIGTERM or SIGINT. Containers go on after it.
 *
 * @throws WindowboxError `unavailable` without a runtime root, `already-exists` when another daemon has the same home or socket.
 */
export async function runDaemon(options: RunOptions): Promise<void> {
  const { values } = parseArgs({
    args: [...options.args],
    options: { debug: { type: 'boolean', short: 'D' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return;
  }
  const config = await readConfig(options.env);
  const paths = pathsOf(options.paths, config);
  const level = values.debug === true ? 'debug' : (config['log-level'] ?? 'info');
  const logger = makeLogger(level);
  await mkdir(paths.home, { recursive: true, mode: 0o711 });
  // Two daemons on one home would both own its containers.
  const unlock = await lockFile(join(paths.home, 'daemon.lock'), { timeoutMs: lockLimitMs });
  try {
    await serve({ paths, config, logger, debug: level === 'debug' });
  } finally {
    await unlock();
  }
}

async function serve(options: WireOptions): Promise<void> {
  const { paths, config, logger } = options;
  const daemon = await wireDaemon(options);
  const servers = await openListeners(
    [...new Set([`unix://${paths.socket}`, ...(config.hosts ?? [])])],
    listenerOptions(daemon, options),
  );
  logger.info('Ready', { socket: paths.socket });
  const signal = await endSignal();
  logger.info('Shutting down; containers go on', { signal });
  await Promise.all(servers.map(closeServer));
  await daemon.close();
}

function listenerOptions(daemon: Daemon, { config, logger }: WireOptions): ListenerOptions {
  const { tlscacert: ca, tlscert: cert, tlskey: key } = config;
  return {
    app: daemon.app,
    metrics: daemon.metrics,
    log: ({ level, message, ...fields }) => logger[level](message, fields),
    tls: ca === undefined || cert === undefined || key === undefined ? undefined : { ca, cert, key },
    allowPlainTcp: config['tcp-without-tls'] ?? false,
    group: config.group,
  };
}

function pathsOf(paths: Paths, config: DaemonConfig): Paths {
  const home = config['data-root'] ?? paths.home;
  const run = config['exec-root'] ?? paths.run;
  if (home === paths.home && run === paths.run) return paths;
  return {
    home,
    run,
    runtime: config['data-root'] === undefined ? paths.runtime : join(home, 'runtime'),
    socket: join(run, 'windowbox.sock'),
    database: join(home, 'engine.db'),
    containers: join(home, 'containers'),
    volumes: join(home, 'volumes'),
    images: join(home, 'images'),
    builder: join(home, 'builder'),
  };
}

async function endSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}

/** Answers under way get two seconds; followed logs and attached clients are cut. */
async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections();
      resolve();
    }, 2000);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** A daemon that was told to end lets go of its home in this time, on a busy machine too. */
const lockLimitMs = 25_000;

const usage = `Usage:  windowbox daemon [OPTIONS]

Runs the engine in the foreground. Configuration: /etc/windowbox/daemon.json (or the file that WINDOWBOX_CONFIG names).

  -D, --debug   Log every request
  -h, --help    Show this
`;
