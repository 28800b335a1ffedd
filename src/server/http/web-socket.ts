import { WebSocketServer, type WebSocket } from 'ws';
import type { HijackedConnection, HijackReply } from './reply.js';
import type { Upgrade } from './serve-upgrade.js';

/** The longest message that a client may send. */
const longestMessage = 1024 * 1024;

/** Answers `attach/ws`: the same conversation as a hijacked connection, in binary messages. */
export async function serveWebSocket(upgrade: Upgrade, reply: HijackReply): Promise<void> {
  const server = new WebSocketServer({ noServer: true, maxPayload: longestMessage, perMessageDeflate: false });
  const socket = await new Promise<WebSocket | undefined>((resolve) => {
    upgrade.socket.once('close', () => {
      resolve(undefined);
    });
    server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, resolve);
  });
  if (!socket) {
    reply.abandon();
    return;
  }
  await reply.serve(webSocketConnection(socket));
  socket.close(1000);
}

function webSocketConnection(socket: WebSocket): HijackedConnection {
  const gone = new AbortController();
  socket.on('error', () => {
    // 'close' follows.
  });
  socket.once('close', () => {
    gone.abort();
  });
  return {
    gone: gone.signal,
    input: readMessages(socket),
    write: (data) =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) resolve();
        else
          socket.send(data, { binary: true }, () => {
            resolve();
          });
      }),
  };
}

async function* readMessages(socket: WebSocket): AsyncGenerator<Uint8Array> {
  const waiting: Uint8Array[] = [];
  let wake = (): void => undefined;
  let closed = false;
  socket.on('message', (data: Buffer) => {
    waiting.push(data);
    socket.pause();
    wake();
  });
  socket.once('close', () => {
    closed = true;
    wake();
  });
  for (;;) {
    const next = waiting.shift();
    if (next) {
      yield next;
      continue;
    }
    if (closed) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
      socket.resume();
    });
  }
}
