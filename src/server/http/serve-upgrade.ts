import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiRequest } from './api-request.js';
import type { App } from './app.js';
import { endConversation } from './end-conversation.js';
import type { Log } from './log.js';
import { newRequestId, splitTarget } from './request-line.js';
import type { HijackReply, Reply } from './reply.js';
import type { RouteMatch } from './router.js';
import { socketConnection } from './socket-connection.js';
import { readUpgradedBody } from './upgraded-body.js';
import { serveWebSocket } from './web-socket.js';
import { renderReply } from './write-reply.js';

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came after the request's head. */
  readonly head: Buffer;
  readonly server: Server;
}

/**
 * A request with `Upgrade`. For a route that hijacks: 101, then the conversation. For any other the header means nothing (curl
 * sends `h2c` everywhere), so the request goes back to Node's parser without it.
 */
export async function serveUpgrade(upgrade: Upgrade, options: { readonly app: App; readonly log: Log }): Promise<void> {
  const { request, socket } = upgrade;
  const { app } = options;
  socket.on('error', () => {
    // A reset is how clients leave; 'close' follows.
  });
  const id = newRequestId();
  const method = request.method ?? '';
  const { path, query } = splitTarget(request.url);
  const headers = [...app.headers, 'X-Request-Id', id];
  const match = matchOrUndefined(app, method, path);
  if (match?.route.hijack !== kindOf(request)) {
    serveWithoutUpgrade(upgrade);
    return;
  }
  const { body, rest } = await bodyOf(upgrade, match);
  const reply = await app.answer(
    match,
    toApiRequest({ request, socket, match, id, query: new URLSearchParams(query), body }),
  );
  if (reply.kind !== 'hijack') {
    endWith(socket, reply, headers);
    return;
  }
  if (socket.destroyed) {
    reply.abandon();
    return;
  }
  if (match.route.hijack === 'websocket') await serveWebSocket({ ...upgrade, head: Buffer.from(rest) }, reply);
  else await serveTcp(socket, rest, reply);
}

async function serveTcp(socket: Duplex, rest: Uint8Array, reply: HijackReply): Promise<void> {
  socket.write(
    `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${reply.contentType}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`,
  );
  await reply.serve(socketConnection(socket, rest));
  endConversation(socket);
}

function matchOrUndefined(app: App, method: string, path: string): RouteMatch | undefined {
  try {
    return app.match(method, path);
  } catch {
    return undefined;
  }
}

function kindOf(request: IncomingMessage): 'tcp' | 'websocket' {
  return request.headers.upgrade?.toLowerCase() === 'websocket' ? 'websocket' : 'tcp';
}

/**
 * Attach has no use for a body, but docker-modem sends its options as one, by `Content-Length`: that is passed over. Chunks that it
 * announces in other cases never come: what follows is the program's input as it is.
 */
async function bodyOf(upgrade: Upgrade, match: RouteMatch): Promise<{ body: Uint8Array; rest: Uint8Array }> {
  const hasNone = match.route.body === 'none' || match.route.method === 'GET';
  if (hasNone && upgrade.request.headers['content-length'] === undefined)
    return { body: new Uint8Array(), rest: upgrade.head };
  return readUpgradedBody(upgrade.socket, upgrade.head, upgrade.request.headers);
}

function serveWithoutUpgrade({ request, socket, head, server }: Upgrade): void {
  const lines: string[] = [];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at] ?? '';
    if (!['upgrade', 'connection', 'http2-settings'].includes(name.toLowerCase()))
      lines.push(`${name}: ${request.rawHeaders[at + 1] ?? ''}`);
  }
  const requestHead = [
    `${request.method ?? ''} ${request.url ?? ''} HTTP/${request.httpVersion}`,
    ...lines,
    '',
    '',
  ].join('\r\n');
  socket.unshift(Buffer.concat([Buffer.from(requestHead, 'latin1'), head]));
  server.emit('connection', socket);
}

function toApiRequest(parts: {
  request: IncomingMessage;
  socket: Duplex;
  match: RouteMatch;
  id: string;
  query: URLSearchParams;
  body: Uint8Array;
}): ApiRequest {
  const { request, socket, match, id, query, body } = parts;
  const gone = new AbortController();
  socket.once('close', () => {
    gone.abort();
  });
  return {
    id,
    method: match.route.method,
    path: match.path,
    version: match.version,
    params: match.params,
    query,
    headers: request.headers,
    body: onePiece(body),
    signal: gone.signal,
  };
}

async function* onePiece(body: Uint8Array): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body;
}

function endWith(socket: Duplex, reply: Exclude<Reply, HijackReply>, headers: readonly string[]): void {
  if (reply.kind === 'stream') {
    socket.destroy();
    return;
  }
  socket.end(renderReply(reply, headers), () => socket.destroy());
}
