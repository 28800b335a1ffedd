import type { Command } from 'commander';
import type { CommandDefinition } from './define/command.js';

export type CommandEntry = CommandLeaf | CommandGroup;

export interface CommandLeaf {
  /** The same as the definition's own, here so that help loads no command. */
  readonly summary: string;
  /** Its heading in `windowbox --help`; without one it is not listed there. */
  readonly group?: HelpGroup;
  readonly load: () => Promise<Command | CommandDefinition>;
  /** Exit code of bad usage and of our own failures, for commands written with commander; default 125. */
  readonly failureCode?: number;
}

export interface CommandGroup {
  readonly summary: string;
  readonly group?: HelpGroup;
  readonly commands: CommandTable;
}

export type CommandTable = Readonly<Record<string, CommandEntry>>;

export type HelpGroup = 'Containers' | 'Images' | 'Volumes and networks' | 'Rules' | 'Engine';

/** The same commands under a heading of `windowbox --help`. */
export function listedUnder(group: HelpGroup, commands: Readonly<Record<string, CommandLeaf>>): CommandTable {
  return Object.fromEntries(Object.entries(commands).map(([name, leaf]) => [name, { ...leaf, group }]));
}
