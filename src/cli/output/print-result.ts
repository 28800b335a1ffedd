import { type Command, Option } from 'commander';
import { wantsColour } from './colour.js';
import { formatCsv, formatMarkdown, formatTable, type Table } from './table.js';

/** The options that {@link addFormatOptions} adds. */
export interface FormatOptions {
  readonly json?: true;
  readonly markdown?: true;
  readonly csv?: true;
}

/** A result in every shape that a user may ask for. */
export interface Printable {
  readonly table: Table;
  /** Printed before and after the table, for people only. */
  readonly before?: string;
  readonly after?: string;
  readonly json: unknown;
}

/** Adds `--json`, `--markdown` and `--csv`. */
export function addFormatOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', 'print JSON, for machines').conflicts(['markdown', 'csv']))
    .addOption(new Option('--markdown', 'print a Markdown table').conflicts(['csv']))
    .addOption(new Option('--csv', 'print comma-separated values'));
}

/** Prints to standard output in the shape asked for; the default is a table, coloured on a terminal only. */
export function printResult(result: Printable, options: FormatOptions): void {
  process.stdout.write(formatResult(result, options, wantsColour(process.stdout)));
}

export function formatResult(result: Printable, options: FormatOptions, colour: boolean): string {
  if (options.json === true) return `${JSON.stringify(result.json, undefined, 2)}\n`;
  if (options.markdown === true) return formatMarkdown(result.table);
  if (options.csv === true) return formatCsv(result.table);
  return `${result.before ?? ''}${formatTable(result.table, { colour })}${result.after ?? ''}`;
}
