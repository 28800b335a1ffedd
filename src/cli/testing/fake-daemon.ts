import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunResult, tryCommand } from '../../platform/index.js';

export interface SeenRequest {
  /** `POST /containers/create`, without the query. */
  readonly route: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly bytes: Buffer;
  readonly headers: IncomingMessage['headers'];
}

export type Answer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly text: string; readonly headers?: Readonly<Record<string, string>>; readonly status?: number }
  /** The connection is taken over: `Upgrade: tcp` is answered with 101, then the socket is the handler's. */
  | { readonly hijack: (socket: Socket) => void }
  | { readonly respond: (request: IncomingMessage, response: ServerResponse) => void };

export interface FakeDaemon {
  readonly host: string;
  readonly requests: SeenRequest[];
  /** Runs the compiled CLI against it. */
  readonly cli: (args: readonly string[], input?: string, env?: NodeJS.ProcessEnv) => Promise<RunResult>;
  readonly close: () => Promise<void>;
}

/**
 * A real HTTP server on a unix socket that answers what the table says. A route is `METHOD /path`; an answer may be computed from the
 * request. Any other route is 404 with Docker's shape.
 */
export async function startFakeDaemon(
  routes: Readonly<Record<string, Answer | ((request: SeenRequest) => Answer)>>,
): Promise<FakeDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'windowbox-cli-'));
  const path = join(folder, 'daemon.sock');
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const seen = await readRequest(request);
    requests.push(seen);
    const answer = routes[seen.route];
    return typeof answer === 'function'
      ? answer(seen)
      : (answer ?? { status: 404, json: { message: 'page not found' } });
  };
  const server = createServer((request, response) => {
    void answerTo(request).then((answer) => {
      reply(answer, request, response);
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    void answerTo(request).then((answer) => {
      upgrade(answer, socket);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const host = `unix://${path}`;
  return {
    host,
    requests,
    cli: async (args, input = '', env = {}) => runCompiledCli(args, { input, env: { ...env, WINDOWBOX_HOST: host } }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

/** The compiled CLI as its users run it: a process. */
export async function runCompiledCli(
  args: readonly string[],
  options: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<RunResult> {
  const main = join(dirname(fileURLToPath(import.meta.url)), '../main.js');
  return tryCommand(process.execPath, [main, ...args], {
    timeoutMs: 30_000,
    maxOutput: 1 << 26,
    input: options.input ?? '',
    env: { ...process.env, ...options.env },
  });
}

async function readRequest(request: IncomingMessage): Promise<SeenRequest> {
  const url = new URL(request.url ?? '/', 'http://daemon');
  const chunks: Buffer[] = [];
  // An upgrade's body is on the socket, which Node does not read for us; the CLI sends it with its length.
  const isUpgrade = request.headers.upgrade !== undefined;
  if (!isUpgrade) for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return {
    route: `${request.method ?? ''} ${decodeURIComponent(url.pathname)}`,
    query: url.searchParams,
    body: Buffer.concat(chunks).toString('utf8'),
    bytes: Buffer.concat(chunks),
    headers: request.headers,
  };
}

function reply(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
  if ('respond' in answer) {
    answer.respond(request, response);
  } else if ('json' in answer) {
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.json));
  } else if ('text' in answer) {
    response.writeHead(answer.status ?? 200, answer.headers);
    response.end(answer.text);
  } else {
    response.writeHead(500);
    response.end();
  }
}

function upgrade(answer: Answer, socket: Socket): void {
  if ('hijack' in answer) {
    socket.write(
      'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
    );
    answer.hijack(socket);
    return;
  }
  const body = 'json' in answer ? JSON.stringify(answer.json) : '';
  const status = 'json' in answer ? (answer.status ?? 200) : 500;
  socket.end(
    `HTTP/1.1 ${String(status)} X\r\nContent-Type: application/json\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
  );
}
