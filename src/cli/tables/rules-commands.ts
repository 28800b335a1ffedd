import type { CommandLeaf } from '../command-entry.js';

/** Commands that ask the rules: no daemon is needed. Exit code 2 is bad usage, since 1 says that something does not run. */
export const rulesCommands = {
  check: {
    summary: 'Say whether an image runs on a Windows host, and why not',
    load: async () => (await import('../commands/check.js')).makeCheckCommand(),
    failureCode: 2,
  },
  matrix: {
    summary: 'Show which images run on which hosts',
    load: async () => (await import('../commands/matrix.js')).makeMatrixCommand(),
    failureCode: 2,
  },
  hosts: {
    summary: 'List the Windows hosts that can be presented',
    load: async () => (await import('../commands/hosts.js')).makeHostsCommand(),
    failureCode: 2,
  },
  bases: {
    summary: 'List the base images and their tags',
    load: async () => (await import('../commands/bases.js')).makeBasesCommand(),
    failureCode: 2,
  },
  explain: {
    summary: 'Explain an error of Docker or Windows',
    load: async () => (await import('../commands/explain.js')).makeExplainCommand(),
    failureCode: 2,
  },
  host: {
    summary: 'Show or choose the Windows that the daemon presents',
    load: async () => (await import('../commands/host.js')).makeHostCommand(),
    failureCode: 2,
  },
} as const satisfies Readonly<Record<string, CommandLeaf>>;
