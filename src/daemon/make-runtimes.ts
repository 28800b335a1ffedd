import { join } from 'node:path';
import { type Paths, probeKvm, readRuntimeParts } from '../platform/index.js';
import type { Runtime } from '../runtime/index.js';
import { createHypervRuntime, type HypervRuntime } from '../runtime-hyperv/index.js';
import { createProcessRuntime, type NamespaceLender } from '../runtime-process/index.js';
import type { DaemonConfig } from './config.js';
import type { DaemonLogger } from './logger.js';

export interface Runtimes {
  readonly process: Runtime;
  readonly hyperv: HypervRuntime;
}

/** Both isolation modes. @throws WindowboxError `unavailable` without a runtime root. */
export async function makeRuntimes(options: {
  readonly paths: Paths;
  readonly config: DaemonConfig;
  readonly logger: DaemonLogger;
  readonly namespaces: NamespaceLender;
}): Promise<Runtimes> {
  const { paths, config, logger } = options;
  const parts = await readRuntimeParts(paths);
  const log = (message: string): void => logger.warn(message);
  const process = createProcessRuntime({
    run: paths.run,
    prepared: join(paths.home, 'prepared'),
    runtimeRoot: parts.root,
    guestFolder: parts.guest,
    namespaces: options.namespaces,
    log,
    ...(config.runc === undefined ? {} : { ociRuntime: config.runc }),
  });
  const hyperv = createHypervRuntime({
    run: paths.run,
    // Beside what they are made of: another home on the same runtime uses them too.
    cache: join(paths.runtime, 'hyperv'),
    parts,
    accelerator: async () => {
      const kvm = await probeKvm({ kernel: parts.kernel, cache: join(paths.home, 'kvm.json') });
      return kvm.usable ? 'kvm' : 'tcg';
    },
    log,
  });
  return { process, hyperv };
}
