import { WindowboxError } from '../errors/index.js';
import type { EngineNetwork } from '../engine/index.js';

/** Containers without a network but their own loopback: all that is there until the network part is wired. */
export const noNetwork: EngineNetwork = {
  check: (settings) => {
    if (!['', 'default', 'nat', 'none'].includes(settings.networkMode))
      throw new WindowboxError('not-found', `network ${settings.networkMode} not found`);
  },
  connect: async () => Promise.resolve({ sandbox: { mode: 'none' }, endpoints: {}, ports: {} }),
  disconnect: async () => Promise.resolve(),
};
