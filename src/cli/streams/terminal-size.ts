import type { Client } from '../connection/client.js';

/** Tells the daemon our terminal's size now and at each change. Gives the function that stops it. */
export function followTerminalSize(client: Client, path: string): () => void {
  const send = (): void => {
    const { columns, rows } = process.stdout;
    if (!process.stdout.isTTY || columns === 0 || rows === 0) return;
    // A resize that comes too late (the program has ended) is no news.
    client.json({ method: 'POST', path: `${path}/resize`, query: { h: rows, w: columns } }).catch(() => undefined);
  };
  send();
  process.stdout.on('resize', send);
  return () => process.stdout.off('resize', send);
}

/** Our terminal's size as `[rows, columns]` for the API's `ConsoleSize`; undefined without a terminal. */
export function consoleSize(): readonly [number, number] | undefined {
  return process.stdout.isTTY ? [process.stdout.rows, process.stdout.columns] : undefined;
}
