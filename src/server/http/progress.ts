import { describeError, WindowboxError } from '../../errors/index.js';
import type { ProgressMessage } from '../../docker-api/index.js';
import type { StreamReply } from './reply.js';

/** One JSON value a line, sent as it comes. */
export function jsonLines(values: AsyncIterable<unknown>): StreamReply {
  return { kind: 'stream', status: 200, contentType: 'application/json', chunks: lines(values, '\n') };
}

/**
 * The progress of a pull, push, load or build. What fails before the first message is an ordinary error with its status; what fails
 * later is the last message, since the status has gone out; its hint is not in Docker's shape, and its clients overlook it.
 */
export async function progressReply(messages: AsyncIterable<ProgressMessage>): Promise<StreamReply> {
  const source = messages[Symbol.asyncIterator]();
  const first = await source.next();
  return {
    kind: 'stream',
    status: 200,
    contentType: 'application/json',
    chunks: lines(withFailure(first, source), '\r\n'),
  };
}

async function* withFailure(
  first: IteratorResult<ProgressMessage>,
  source: AsyncIterator<ProgressMessage>,
): AsyncGenerator<ProgressMessage> {
  try {
    for (let next = first; next.done !== true; next = await source.next()) yield next.value;
  } catch (error) {
    const message = describeError(error);
    const hint = error instanceof WindowboxError ? error.hint : undefined;
    const code = exitCodeOf(error);
    const more = { ...(code === undefined ? {} : { code }), ...(hint === undefined ? {} : { hint }) };
    yield { errorDetail: { message, ...more }, error: message };
  } finally {
    await source.return?.();
  }
}

async function* lines(values: AsyncIterable<unknown>, lineEnd: string): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}${lineEnd}`;
}

/** Of a command that failed in a build: docker's exit code is the same. */
function exitCodeOf(error: unknown): number | undefined {
  const cause = error instanceof WindowboxError ? error.cause : undefined;
  if (typeof cause !== 'object' || cause === null || !('exitCode' in cause)) return undefined;
  return typeof cause.exitCode === 'number' ? cause.exitCode : undefined;
}
