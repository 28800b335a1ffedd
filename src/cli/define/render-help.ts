import type { CommandDefinition } from './command.js';
import type { FlagSpec, FlagTable } from './flag.js';

/** The text of `windowbox PATH --help`. */
export function renderHelp(definition: CommandDefinition, path: string): string {
  const lines = [`Usage:  windowbox ${path} ${definition.usage}`.trimEnd(), '', definition.summary];
  if (definition.details !== '') lines.push('', definition.details);
  const rows = flagRows(definition.flags);
  if (rows.length > 0) {
    const width = Math.max(...rows.map(({ left }) => left.length));
    lines.push('', 'Options:', ...rows.map(({ left, help }) => `${left.padEnd(width)}   ${help}`));
  }
  if (definition.examples.length > 0) {
    lines.push('', 'Examples:');
    for (const { about, line } of definition.examples) lines.push(`  # ${about}`, `  ${line}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The shown flags in the alphabet's order, as Docker lists them: the spelling on the left, its meaning on the right. */
export function flagRows(flags: FlagTable): readonly { readonly left: string; readonly help: string }[] {
  return Object.entries(flags)
    .filter(([, spec]) => spec.hidden !== true)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, spec]) => ({ left: spelling(name, spec), help: `${spec.help}${defaultOf(spec)}` }));
}

function spelling(name: string, spec: FlagSpec): string {
  const short = spec.short === undefined ? '    ' : `-${spec.short}, `;
  const value = spec.value ?? kindNames[spec.kind];
  return `  ${short}--${name}${value === '' ? '' : ` ${value}`}`;
}

const kindNames: Readonly<Record<FlagSpec['kind'], string>> = {
  bool: '',
  string: 'string',
  list: 'list',
  int: 'int',
  bytes: 'bytes',
  duration: 'duration',
  cpus: 'decimal',
};

function defaultOf(spec: FlagSpec): string {
  if (spec.kind === 'bool') return spec.on === true ? ' (default true)' : '';
  if (spec.kind === 'list' || spec.shownDefault === undefined) return '';
  return ` (default ${spec.kind === 'string' ? JSON.stringify(spec.shownDefault) : spec.shownDefault})`;
}
