export interface TabOptions {
  /** Least width of a column, its padding included. Docker: 10 for lists, 20 for `top`. */
  readonly minimum: number;
}

/** Lines up tab-separated cells with three spaces between, as Docker does with Go's tabwriter. The last cell is not padded. */
export function alignTabs(lines: readonly string[], { minimum }: TabOptions = { minimum: 10 }): string {
  const rows = lines.map((line) => line.split('\t'));
  const widths: number[] = [];
  for (const cells of rows) {
    for (const [column, cell] of cells.slice(0, -1).entries())
      widths[column] = Math.max(widths[column] ?? minimum, Array.from(cell).length + 3);
  }
  return rows
    .map((cells) => {
      const padded = cells.map((cell, column) =>
        column === cells.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - Array.from(cell).length),
      );
      return `${padded.join('')}\n`;
    })
    .join('');
}
