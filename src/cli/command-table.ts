import { type CommandTable, listedUnder } from './command-entry.js';
import { containerCommands } from './tables/container-commands.js';
import { imageCommands, imageGroup } from './tables/image-commands.js';
import { networkGroup } from './tables/network-commands.js';
import { rulesCommands } from './tables/rules-commands.js';
import { systemCommands, systemGroup } from './tables/system-commands.js';
import { volumeGroup } from './tables/volume-commands.js';

export type { CommandEntry, CommandGroup, CommandLeaf, CommandTable } from './command-entry.js';

/** Every command, in the order of `windowbox --help`. A command is a module in `commands/` whose one export makes it. */
export const commandTable: CommandTable = {
  ...listedUnder('Containers', containerCommands),
  inspect: {
    summary: 'Return low-level information on containers, images, networks and volumes',
    group: 'Containers',
    load: async () => (await import('./commands/inspect.js')).makeInspectCommand(),
  },
  container: {
    summary: 'Manage containers',
    group: 'Containers',
    commands: {
      ...containerCommands,
      ls: containerCommands.ps,
      list: containerCommands.ps,
      inspect: {
        summary: 'Display detailed information on one or more containers',
        load: async () => (await import('./commands/inspect.js')).makeInspectCommandFor('container'),
      },
      prune: {
        summary: 'Remove all stopped containers',
        load: async () => (await import('./commands/prune.js')).makeContainerPruneCommand(),
      },
    },
  },
  ...listedUnder('Images', imageCommands),
  builder: {
    summary: 'Manage builds',
    group: 'Images',
    commands: {
      build: imageCommands.build,
      prune: {
        summary: 'Remove build cache',
        load: async () => (await import('./commands/prune.js')).makeBuilderPruneCommand(),
      },
    },
  },
  manifest: {
    summary: 'Look at images in registries',
    group: 'Images',
    commands: {
      inspect: {
        summary: 'Show builds, sizes and verdicts of an image in a registry, without pulling it',
        load: async () => (await import('./commands/manifest-inspect.js')).makeManifestInspectCommand(),
      },
    },
  },
  image: { summary: 'Manage images', group: 'Images', commands: imageGroup },
  volume: { summary: 'Manage volumes', group: 'Volumes and networks', commands: volumeGroup },
  network: { summary: 'Manage networks', group: 'Volumes and networks', commands: networkGroup },
  ...listedUnder('Rules', rulesCommands),
  ...listedUnder('Engine', systemCommands),
  system: { summary: 'Manage Windowbox', group: 'Engine', commands: systemGroup },
  setup: {
    summary: 'Make the runtime root and the bases',
    group: 'Engine',
    load: async () => (await import('./commands/setup.js')).makeSetupCommand(),
  },
  doctor: {
    summary: 'Check every precondition, and say how to mend what is missing',
    group: 'Engine',
    load: async () => (await import('./commands/doctor.js')).makeDoctorCommand(),
  },
};
