import type { Client } from '../connection/client.js';

const proxied = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;

/** Sends each signal that we get to the container, as Docker's `--sig-proxy`. Gives the function that stops it. */
export function proxySignals(client: Client, id: string): () => void {
  const handlers = proxied.map((signal) => {
    const handler = (): void => {
      // The container may have ended just now; then its exit code ends us too.
      client.json({ method: 'POST', path: `/containers/${id}/kill`, query: { signal } }).catch(() => undefined);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const stop of handlers) stop();
  };
}
