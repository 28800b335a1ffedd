import { type Colour, paint } from './colour.js';

/** A cell's text, in a colour where it says something. */
export type Cell = string | { readonly text: string; readonly colour: Colour };

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Aligned columns three spaces apart, heading first, as Docker prints its lists. No spaces at the ends of lines. */
export function formatTable({ columns, rows }: Table, options: { readonly colour: boolean }): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, index) =>
    lines.reduce((width, line) => Math.max(width, textOf(line[index] ?? '').length), 0),
  );
  return lines
    .map((line) =>
      line
        .map((cell, index) => {
          const text = textOf(cell);
          const padding = index === columns.length - 1 ? '' : ' '.repeat((widths[index] ?? 0) - text.length);
          const shown = typeof cell === 'string' || !options.colour ? text : paint(text, cell.colour);
          return `${shown}${padding}`;
        })
        .join('   ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** A GitHub table. */
export function formatMarkdown({ columns, rows }: Table): string {
  const line = (cells: readonly Cell[]): string =>
    `| ${cells.map((cell) => escapeMarkdown(textOf(cell))).join(' | ')} |\n`;
  return `${line(columns)}| ${columns.map(() => '---').join(' | ')} |\n${rows.map(line).join('')}`;
}

/** RFC 4180, with line feeds. */
export function formatCsv({ columns, rows }: Table): string {
  const line = (cells: readonly Cell[]): string => `${cells.map((cell) => quoteCsv(textOf(cell))).join(',')}\n`;
  return [columns, ...rows].map(line).join('');
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function escapeMarkdown(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', String.raw`\|`)
    .replaceAll('\n', ' ');
}

function quoteCsv(text: string): string {
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
