import type { Command } from 'commander';

export interface CommandEntry {
  readonly summary: string;
  readonly group: 'Containers' | 'Images' | 'Rules' | 'Engine';
  readonly load: () => Promise<Command>;
}

/** Every command, in the order of `windowbox --help`. A command is a module in `commands/` whose one export makes it. */
export const commandTable: Readonly<Record<string, CommandEntry>> = {
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
};
