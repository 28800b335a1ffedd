export type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

/** Whether this stream gets colours: a terminal, and NO_COLOR is absent or empty (no-color.org). */
export function wantsColour(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

export function paint(text: string, colour: Colour): string {
  const [on, off] = codes[colour];
  return `\u001B[${String(on)}m${text}\u001B[${String(off)}m`;
}

const codes: Readonly<Record<Colour, readonly [number, number]>> = {
  green: [32, 39],
  yellow: [33, 39],
  red: [31, 39],
  dim: [2, 22],
  bold: [1, 22],
};
