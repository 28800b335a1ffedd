import type { StreamReply } from './reply.js';

/** One JSON value a line, flushed as it comes. A failure after the first line is a line too, as Docker's clients expect. */
export function jsonLines(
  values: AsyncIterable<unknown>,
  options: { readonly contentType?: string; readonly lineEnd?: string } = {},
): StreamReply {
  return {
    kind: 'stream',
    status: 200,
    contentType: options.contentType ?? 'application/json',
    chunks: lines(values, options.lineEnd ?? '\r\n'),
  };
}

async function* lines(values: AsyncIterable<unknown>, lineEnd: string): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}${lineEnd}`;
}
