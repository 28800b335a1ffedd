import { type CommandTable, listedUnder } from './command-entry.js';
import { containerCommands } from './tables/container-commands.js';
import { rulesCommands } from './tables/rules-commands.js';

export type { CommandEntry, CommandGroup, CommandLeaf, CommandTable } from './command-entry.js';

/** Every command, in the order of `windowbox --help`. A command is a module in `commands/` whose one export makes it. */
export const commandTable: CommandTable = {
  ...listedUnder('Containers', containerCommands),
  container: {
    summary: 'Manage containers',
    commands: {
      ...containerCommands,
      ls: containerCommands.ps,
      list: containerCommands.ps,
      inspect: {
        summary: 'Display detailed information on one or more containers',
        load: async () => (await import('./commands/inspect.js')).makeInspectCommandFor('container'),
      },
    },
  },
  inspect: {
    summary: 'Return low-level information on containers, images, networks and volumes',
    group: 'Containers',
    load: async () => (await import('./commands/inspect.js')).makeInspectCommand(),
  },
  ...listedUnder('Rules', rulesCommands),
  daemon: {
    summary: 'Run the daemon in the foreground',
    group: 'Engine',
    load: async () => (await import('./commands/daemon.js')).makeDaemonCommand(),
  },
  version: {
    summary: 'Show the version of the client and the daemon',
    group: 'Engine',
    load: async () => (await import('./commands/version.js')).makeVersionCommand(),
  },
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
