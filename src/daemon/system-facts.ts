import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { isErrno } from '../errors/index.js';
import { atomicWrite, findRepository, type Paths } from '../platform/index.js';
import { describeHost, type HostProfile } from '../rules/index.js';
import type { Backends } from '../server/index.js';
import type { DaemonConfig } from './config.js';

type SystemFacts = ReturnType<Backends['system']['facts']>;

export interface FactsOptions {
  readonly paths: Paths;
  readonly config: DaemonConfig;
  readonly host: () => HostProfile;
  readonly debug: boolean;
}

/** What `info` and `version` say; the host is asked anew each time, since its profile may change. */
export async function makeSystemFacts(options: FactsOptions): Promise<() => SystemFacts> {
  const { paths, config } = options;
  const id = await engineId(join(paths.home, 'engine-id'));
  const version = await ownVersion();
  return () => ({
    id,
    hostName: hostname(),
    version,
    commit: '',
    builtAt: '',
    host: describeHost(options.host()),
    processors: availableParallelism(),
    memory: totalmem(),
    rootFolder: paths.home,
    labels: config.labels ?? [],
    debug: options.debug,
    warnings: [],
    registryMirrors: config['registry-mirrors'] ?? [],
    insecureRegistries: config['insecure-registries'] ?? [],
  });
}

/** Lasts as long as the daemon's state. */
async function engineId(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    const id = randomUUID();
    await atomicWrite(path, `${id}\n`);
    return id;
  }
}

async function ownVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(findRepository(), 'package.json'), 'utf8'));
  if (
    typeof manifest === 'object' &&
    manifest !== null &&
    'version' in manifest &&
    typeof manifest.version === 'string'
  )
    return manifest.version;
  return '0.0.0';
}
