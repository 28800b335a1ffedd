import type { Command } from 'commander';
import type { CommandLeaf, CommandTable } from './command-table.js';
import type { CommandDefinition } from './define/command.js';
import { flagRows } from './define/render-help.js';
import { globalFlags } from './global-flags.js';

/** docs/reference/cli.md: every command of the table, from its own definition. */
export async function renderReference(table: CommandTable): Promise<string> {
  const described: Described = { lines: [], places: new Map() };
  await describeTable(table, [], described);
  return [
    '# Command line',
    '',
    'Written by `npm run docs` out of the command definitions; a test holds it to them. Commands, flags, formats and exit codes are',
    'Docker’s where Docker has them.',
    '',
    '`windowbox [OPTIONS] COMMAND`',
    '',
    ...codeBlock(flagRows(globalFlags).map(({ left, help }) => `${left.padEnd(22)} ${help}`)),
    '',
    ...described.lines,
  ].join('\n');
}

interface Described {
  readonly lines: string[];
  /** Where each loader is described: an entry that is in the table again is one line that says where. */
  readonly places: Map<CommandLeaf['load'], string>;
}

async function describeTable(table: CommandTable, above: readonly string[], described: Described): Promise<void> {
  for (const [name, entry] of Object.entries(table)) {
    const path = [...above, name].join(' ');
    if ('commands' in entry) {
      described.lines.push(`## ${path}`, '', `${entry.summary}.`, '');
      await describeTable(entry.commands, [...above, name], described);
      continue;
    }
    const heading = above.length === 0 ? `## ${path}` : `### ${path}`;
    const place = described.places.get(entry.load);
    if (place !== undefined) {
      described.lines.push(heading, '', `As \`windowbox ${place}\`.`, '');
      continue;
    }
    described.places.set(entry.load, path);
    described.lines.push(heading, '', ...renderCommand(path, await entry.load()), '');
  }
}

function renderCommand(path: string, command: Command | CommandDefinition): readonly string[] {
  return 'execute' in command ? renderDefinition(path, command) : renderCommander(path, command);
}

function renderDefinition(path: string, definition: CommandDefinition): readonly string[] {
  const rows = flagRows(definition.flags);
  const width = Math.max(0, ...rows.map(({ left }) => left.length));
  return [
    `${definition.summary}.`,
    '',
    ...codeBlock([`windowbox ${path} ${definition.usage}`.trimEnd()]),
    ...(definition.details === '' ? [] : ['', definition.details]),
    ...(rows.length === 0 ? [] : ['', ...codeBlock(rows.map(({ left, help }) => `${left.padEnd(width)}   ${help}`))]),
    '',
    ...codeBlock(
      definition.examples.flatMap(({ about, line }) => [`# ${about}`, line]),
      'sh',
    ),
  ];
}

function renderCommander(path: string, command: Command): readonly string[] {
  const options = command.options.map(({ flags, description }) => `  ${flags.padEnd(24)} ${description}`);
  return [
    `${command.description()}.`,
    '',
    ...codeBlock([`windowbox ${path} ${command.usage()}`]),
    ...(options.length === 0 ? [] : ['', ...codeBlock(options)]),
  ];
}

function codeBlock(lines: readonly string[], language = 'text'): readonly string[] {
  return [`\`\`\`${language}`, ...lines, '```'];
}
