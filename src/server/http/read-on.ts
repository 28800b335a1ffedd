import type { IncomingMessage } from 'node:http';

/** How long a client may go on sending what nobody needs any more. */
export const lingerMs = 2000;

/**
 * Takes and lets go what a client still sends of its request, until all of it has come, the client has gone, or {@link lingerMs} are over.
 * Closed earlier, the connection would break under the client's hands while the answer already lies in front of it.
 */
export function readOn(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      request.off('end', done).off('close', done).off('error', done);
      resolve();
    };
    const timer = setTimeout(done, lingerMs).unref();
    request.on('end', done).on('close', done).on('error', done);
    // Whoever still wanted the body has given its answer without it.
    request.removeAllListeners('readable');
    request.resume();
  });
}
