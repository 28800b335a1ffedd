import { WindowboxError } from '../errors/index.js';
import type { EngineNetwork } from '../engine/index.js';
import type { Backends } from '../server/index.js';

const missing = (act: string): WindowboxError =>
  new WindowboxError('unsupported', `Cannot ${act}: this daemon has no networks but "none"`);

/** Containers without a network but their own loopback: all that is there until the network part is wired. */
export const noNetwork: EngineNetwork = {
  check: (settings) => {
    if (!['', 'default', 'nat', 'none'].includes(settings.networkMode))
      throw new WindowboxError('not-found', `network ${settings.networkMode} not found`);
  },
  connect: async () => Promise.resolve({ sandbox: { mode: 'none' }, endpoints: {}, ports: {} }),
  disconnect: async () => Promise.resolve(),
};

/** The network endpoints of a daemon without networks. */
export const noNetworkBackend: Backends['networks'] = {
  list: async () => Promise.resolve([]),
  inspect: async (ref) => Promise.reject(new WindowboxError('not-found', `network ${ref} not found`)),
  create: async () => Promise.reject(missing('create a network')),
  remove: async (ref) => Promise.reject(new WindowboxError('not-found', `network ${ref} not found`)),
  connect: async () => Promise.reject(missing('connect a container')),
  disconnect: async () => Promise.reject(missing('disconnect a container')),
  prune: async () => Promise.resolve([]),
};
