import type { CommandTable } from '../command-entry.js';

const ls = {
  summary: 'List networks',
  load: async () => (await import('../commands/network.js')).makeNetworkLsCommand(),
};

const rm = {
  summary: 'Remove one or more networks',
  load: async () => (await import('../commands/network.js')).makeNetworkRmCommand(),
};

/** The group `network`. */
export const networkGroup: CommandTable = {
  create: {
    summary: 'Create a network',
    load: async () => (await import('../commands/network.js')).makeNetworkCreateCommand(),
  },
  ls,
  list: ls,
  inspect: {
    summary: 'Display detailed information on one or more networks',
    load: async () => (await import('../commands/inspect.js')).makeInspectCommandFor('network'),
  },
  connect: {
    summary: 'Connect a container to a network',
    load: async () => (await import('../commands/network.js')).makeNetworkConnectCommand(),
  },
  disconnect: {
    summary: 'Disconnect a container from a network',
    load: async () => (await import('../commands/network.js')).makeNetworkDisconnectCommand(),
  },
  rm,
  remove: rm,
  prune: {
    summary: 'Remove all unused networks',
    load: async () => (await import('../commands/prune.js')).makeNetworkPruneCommand(),
  },
};
