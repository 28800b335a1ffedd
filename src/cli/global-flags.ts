import type { FlagTable } from './define/flag.js';

/** What stands before the command. */
export const globalFlags = {
  host: { kind: 'string', short: 'H', help: 'Daemon to connect to: unix:///path or tcp://name:port' },
  version: { kind: 'bool', short: 'v', help: 'Show the version and exit' },
} as const satisfies FlagTable;
