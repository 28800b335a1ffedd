import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { describeError, WindowboxError } from '../../errors/index.js';
import type { App } from './app.js';
import { endConversation } from './end-conversation.js';
import { type ConnectionLimits, connectionLimits } from './limits.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { NodeRequest } from './node-request.js';
import { rawStream } from './reply.js';
import { newRequestId, splitTarget } from './request-line.js';
import type { RouteMatch } from './router.js';
import { serveUpgrade } from './serve-upgrade.js';
import { socketConnection } from './socket-connection.js';
import { takeOverSocket } from './take-over-socket.js';
import { writeReply } from './write-reply.js';

export interface NodeServerOptions {
  readonly app: App;
  readonly metrics: Metrics;
  readonly log: Log;
  /** TCP only. */
  readonly tls?: TlsOptions;
  /** Default: {@link connectionLimits}. */
  readonly limits?: ConnectionLimits;
}

/** Node's HTTP server around an application. It does not listen yet. */
export function createNodeServer(options: NodeServerOptions): Server {
  const { limits = connectionLimits } = options;
  const onRequest: RequestListener = (request, response) => {
    serveRequest(request, response, options).catch((error: unknown) => {
      options.log({ level: 'error', message: `Cannot answer ${request.url ?? ''}: ${describeError(error)}` });
      response.destroy();
    });
  };
  const settings = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.headersMs / 4,
    keepAliveTimeout: limits.idleMs,
    // Of TCP: how a client that is gone without a word is noticed.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    // Builds and loads upload for as long as they need; `limitIdleBody` ends those that stand still.
    requestTimeout: 0,
    // Two lengths, a bare newline or a space before a colon are how one request hides in another.
    insecureHTTPParser: false,
  };
  const server = options.tls
    ? createTlsServer({ ...settings, ...options.tls }, onRequest)
    : createServer(settings, onRequest);
  server.maxConnections = limits.connections;
  server.on('connection', () => {
    options.metrics.countConnection(1);
  });
  server.on('connection', (socket: Duplex) => {
    socket.once('close', () => {
      options.metrics.countConnection(-1);
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    serveUpgrade({ request, socket, head, server }, options).catch((error: unknown) => {
      options.log({ level: 'error', message: `Cannot answer ${request.url ?? ''}: ${describeError(error)}` });
      socket.destroy();
    });
  });
  server.on('clientError', refuseMalformed);
  return server;
}

async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  options: NodeServerOptions,
): Promise<void> {
  const { app } = options;
  const id = newRequestId();
  const { path, query } = splitTarget(request.url);
  const method = request.method ?? '';
  let match: RouteMatch;
  try {
    match = app.match(method, path);
  } catch (error) {
    const reply = app.refuse(error, { id, method, path });
    if (reply.kind !== 'hijack') await writeReply(response, reply, [...app.headers, 'X-Request-Id', id]);
    return;
  }
  const { idleBodyMs } = options.limits ?? connectionLimits;
  const reply = await app.answer(match, new NodeRequest(id, { request, response, match, query, idleBodyMs }));
  if (reply.kind !== 'hijack') {
    await writeReply(response, reply, [...app.headers, 'X-Request-Id', id]);
    return;
  }
  if (response.destroyed) {
    reply.abandon();
    return;
  }
  request.resume();
  const socket = takeOverSocket(request);
  socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${rawStream}\r\n\r\n`);
  await reply.serve(socketConnection(socket, new Uint8Array()));
  endConversation(socket);
}

function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = refusals[error.code ?? ''] ?? '400 Bad Request';
  const refusal = new WindowboxError('invalid-argument', `Cannot read the request: ${error.message}`);
  const body = `${JSON.stringify({ message: refusal.message, code: refusal.code })}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\nConnection: close\r\n\r\n${body}`,
  );
}

const refusals: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
