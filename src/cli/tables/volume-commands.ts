import type { CommandTable } from '../command-entry.js';

const ls = {
  summary: 'List volumes',
  load: async () => (await import('../commands/volume.js')).makeVolumeLsCommand(),
};

const rm = {
  summary: 'Remove one or more volumes',
  load: async () => (await import('../commands/volume.js')).makeVolumeRmCommand(),
};

/** The group `volume`. */
export const volumeGroup: CommandTable = {
  create: {
    summary: 'Create a volume',
    load: async () => (await import('../commands/volume.js')).makeVolumeCreateCommand(),
  },
  ls,
  list: ls,
  inspect: {
    summary: 'Display detailed information on one or more volumes',
    load: async () => (await import('../commands/inspect.js')).makeInspectCommandFor('volume'),
  },
  rm,
  remove: rm,
  prune: {
    summary: 'Remove unused local volumes',
    load: async () => (await import('../commands/prune.js')).makeVolumePruneCommand(),
  },
};
