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
  let isWaiting = true;
  let timedOut = false;
  const timer = setTimeout(() => {
    if (!isWaiting) return;
    timedOut = true;
    request.destroy();
  }, idleMs);
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      isWaiting = false;
      if (chunk instanceof Uint8Array) yield chunk;
      isWaiting = true;
      timer.refresh();
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
