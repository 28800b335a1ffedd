import type { IncomingMessage } from 'node:http';
import { WindowboxError } from '../../errors/index.js';

/**
 * The bytes of a request's body; ends the connection of a client that announced a body and does not send it. Only while a byte is waited for: a
 * handler that takes its time is not the client's fault.
 *
 * Left early, the rest of the body is not awaited: the connection is closed after the answer, so that it cannot be taken for the
 * next request.
 */
export async function* limitIdleBody(request: IncomingMessage, idleMs: number): AsyncGenerator<Uint8Array> {
  let timedOut = false;
  const startTimer = (): NodeJS.Timeout =>
    setTimeout(() => {
      timedOut = true;
      request.destroy();
    }, idleMs);
  let timer = startTimer();
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      clearTimeout(timer);
      if (chunk instanceof Uint8Array) yield chunk;
      timer = startTimer();
    }
  } catch (cause) {
    const reason = timedOut ? 'no byte came for too long' : 'the client has gone';
    throw new WindowboxError(timedOut ? 'timeout' : 'cancelled', `Cannot read the request's body: ${reason}`, {
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}
