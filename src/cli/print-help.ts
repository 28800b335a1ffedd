import { type CommandEntry, type CommandGroup, commandTable } from './command-table.js';
import { flagRows } from './define/render-help.js';
import { globalFlags } from './global-flags.js';
import { print } from './streams/print.js';

const groups = ['Containers', 'Images', 'Volumes and networks', 'Rules', 'Engine'] as const;

/** `windowbox --help`; always exit code 0. */
export function printHelp(): number {
  const lines = ['Usage:  windowbox [OPTIONS] COMMAND', '', 'Windows containers on Linux, by Windows’ own rules', ''];
  for (const group of groups) {
    const entries = Object.entries(commandTable).filter(([, entry]) => entry.group === group);
    if (entries.length > 0) lines.push(`${group}:`, ...entries.map(commandRow), '');
  }
  lines.push('Options:', ...flagRows(globalFlags).map(({ left, help }) => `${left.padEnd(22)} ${help}`), '');
  lines.push(
    'Examples:',
    '  windowbox run --rm mcr.microsoft.com/windows/nanoserver:ltsc2025 cmd /c ver',
    '',
    "Run 'windowbox COMMAND --help' for more on a command.",
  );
  print(`${lines.join('\n')}\n`);
  return 0;
}

/** `windowbox container --help`; always exit code 0. */
export function printGroupHelp(path: string, group: CommandGroup): number {
  const lines = [
    `Usage:  windowbox ${path} COMMAND`,
    '',
    group.summary,
    '',
    'Commands:',
    ...Object.entries(group.commands).map(commandRow),
    '',
    `Run 'windowbox ${path} COMMAND --help' for more on a command.`,
  ];
  print(`${lines.join('\n')}\n`);
  return 0;
}

function commandRow([name, entry]: [string, CommandEntry]): string {
  return `  ${name.padEnd(12)} ${entry.summary}`;
}
