import { alignTabs } from './tab-writer.js';
import { evaluateTemplate, type FieldLookup, goJson, parseTemplate, templateError } from './template/index.js';

/** One thing that a list can show: its heading and its text, or a method that takes an argument (`{{.Label "x"}}`). */
export type Column<Item> =
  | { readonly header: string; readonly text: (item: Item) => string }
  | { readonly header: string; readonly method: (item: Item, argument: string) => string };

export type Columns<Item> = Readonly<Record<string, Column<Item>>>;

export interface ListOptions<Item> {
  readonly columns: Columns<Item>;
  /** Column names of the plain table. */
  readonly table: readonly string[];
  /** `--format`. */
  readonly format: string | undefined;
  /** With `--quiet`: the one column to print. */
  readonly quiet?: string | undefined;
}

/**
 * A list as Docker prints it: a table by default, `json` (an object a line), `table TEMPLATE`, or a template an item.
 *
 * @throws WindowboxError `invalid-argument` for a wrong template or a column that does not exist.
 */
export function renderList<Item>(items: readonly Item[], options: ListOptions<Item>): string {
  const { columns, quiet } = options;
  const format = (options.format ?? '').trim();
  const isTable = format === '' || format === 'table' || format.startsWith('table ');
  if (quiet !== undefined && (format === '' || format === 'table'))
    return items.map((item) => `${renderItem(item, columns, `{{.${quiet}}}`)}\n`).join('');
  if (format === 'json') return items.map((item) => `${goJson(textsOf(item, columns))}\n`).join('');
  if (!isTable) return items.map((item) => `${renderItem(item, columns, format)}\n`).join('');
  const template = format.startsWith('table ')
    ? format.slice('table '.length).trim()
    : options.table.map((name) => `{{.${name}}}`).join('\t');
  const rows = items.map((item) => renderItem(item, columns, template));
  return alignTabs([renderHeader(columns, template), ...rows]);
}

function renderItem<Item>(item: Item, columns: Columns<Item>, template: string): string {
  return evaluateTemplate(parse(template), textsOf(item, columns), (holder, name) => {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column !== undefined && 'method' in column) return (argument: unknown) => column.method(item, String(argument));
    return knownField(holder, name);
  });
}

function renderHeader<Item>(columns: Columns<Item>, template: string): string {
  const headers = Object.fromEntries(Object.entries(columns).map(([name, { header }]) => [name, header]));
  return evaluateTemplate(parse(template), headers, (holder, name) => {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    // A column that takes an argument is headed by that argument's last part, as Docker does: com.docker.swarm.node → node.
    if (column !== undefined && 'method' in column)
      return (argument: unknown) => String(argument).split('.').at(-1)?.toUpperCase() ?? '';
    return knownField(holder, name);
  });
}

function parse(template: string): ReturnType<typeof parseTemplate> {
  return parseTemplate(template.replaceAll(String.raw`\t`, '\t').replaceAll(String.raw`\n`, '\n'));
}

function textsOf<Item>(item: Item, columns: Columns<Item>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(columns)
      .flatMap(([name, column]) => ('text' in column ? [[name, column.text(item)] as const] : []))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const knownField: FieldLookup = (holder, name) => {
  const found = Object.entries(holder ?? {}).find(([key]) => key === name);
  if (found === undefined) throw templateError(`executing "" at <.${name}>: can't evaluate field ${name}`);
  const value: unknown = found[1];
  return value;
};
