import { createServer, type RequestListener } from 'node:http';

/** `127.0.0.1:PORT`, and what ends the server with its connections. */
export interface LocalServer {
  readonly host: string;
  stop(): Promise<void>;
}

/** Answers at a port of this machine that was free. */
export async function listenLocally(answer: RequestListener): Promise<LocalServer> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    host: `127.0.0.1:${String(address.port)}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
