import { commandTable } from './command-table.js';

const groups = ['Containers', 'Images', 'Rules', 'Engine'] as const;

/** `windowbox --help`; always exit code 0. */
export function printHelp(): number {
  const lines = ['Usage:  windowbox COMMAND', '', 'Windows containers on Linux, by Windows’ own rules', ''];
  for (const group of groups) {
    const entries = Object.entries(commandTable).filter(([, entry]) => entry.group === group);
    if (entries.length === 0) continue;
    lines.push(`${group}:`, ...entries.map(([command, entry]) => `  ${command.padEnd(12)} ${entry.summary}`), '');
  }
  lines.push(
    'Examples:',
    '  windowbox run --rm mcr.microsoft.com/windows/nanoserver:ltsc2025 cmd /c ver',
    '',
    "Run 'windowbox COMMAND --help' for more on a command.",
  );
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
