import type { CommandLeaf, CommandTable } from '../command-entry.js';

/** Commands of the engine that stand by themselves. */
export const systemCommands = {
  info: {
    summary: 'Display system-wide information',
    load: async () => (await import('../commands/info.js')).makeInfoCommand(),
  },
  events: {
    summary: 'Get real time events from the server',
    load: async () => (await import('../commands/events.js')).makeEventsCommand(),
  },
  version: {
    summary: 'Show the version of the client and the daemon',
    load: async () => (await import('../commands/version.js')).makeVersionCommand(),
  },
  daemon: {
    summary: 'Run the daemon in the foreground',
    load: async () => (await import('../commands/daemon.js')).makeDaemonCommand(),
  },
  login: {
    summary: 'Log in to a registry',
    load: async () => (await import('../commands/login.js')).makeLoginCommand(),
  },
  completion: {
    summary: 'Print a completion script for bash',
    load: async () => (await import('../commands/completion.js')).makeCompletionCommand(),
  },
  logout: {
    summary: 'Log out from a registry',
    load: async () => (await import('../commands/login.js')).makeLogoutCommand(),
  },
} as const satisfies Record<string, CommandLeaf>;

/** The group `system`. */
export const systemGroup: CommandTable = {
  df: {
    summary: 'Show disk usage',
    load: async () => (await import('../commands/system-df.js')).makeSystemDfCommand(),
  },
  'dial-stdio': {
    summary: 'Carry a connection to the daemon over stdin and stdout',
    load: async () => (await import('../commands/dial-stdio.js')).makeDialStdioCommand(),
  },
  events: systemCommands.events,
  info: systemCommands.info,
  prune: {
    summary: 'Remove unused data',
    load: async () => (await import('../commands/prune.js')).makeSystemPruneCommand(),
  },
};
