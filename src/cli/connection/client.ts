import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { WindowboxError } from '../../errors/index.js';
import { connect } from './connect.js';
import type { Endpoint } from './endpoint.js';
import { readBody, responseError } from './response-error.js';

export interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Without a version: client and daemon are one release. */
  readonly path: string;
  /** Undefined values are left out; a list gives the name again for each value. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it comes, chunked. */
  readonly upload?: NodeJS.ReadableStream;
  /** Sent after a good answer's head has come, while its body is read; what goes wrong with it ends the answer with that error. */
  readonly conversation?: Readable;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export type QueryValue = string | number | boolean | readonly string[] | undefined;

/** The Docker Engine API over one endpoint. Each request has a connection of its own; each error is a WindowboxError. */
export interface Client {
  readonly endpoint: Endpoint;
  /**
   * Sends and reads a JSON answer; an empty answer gives undefined. `T` is the caller's word for what the API documents:
   * the daemon is trusted, so its answers are not checked.
   */
  json<T>(request: ApiRequest): Promise<T>;
  /** Sends and resolves with the head of a good answer; the caller reads the body. */
  send(request: ApiRequest): Promise<IncomingMessage>;
  /** Takes over the connection for a raw stream (`Upgrade: tcp`). */
  hijack(request: ApiRequest): Promise<Socket>;
}

export function makeClient(endpoint: Endpoint): Client {
  const send = async (request: ApiRequest): Promise<IncomingMessage> => {
    const socket = await connect(endpoint);
    const { outgoing, head } = startRequest(socket, request, {});
    upload(outgoing, request);
    const response = await head;
    if ('socketTaken' in response) throw new WindowboxError('internal', `Unexpected upgrade of ${request.path}`);
    if (isFailure(response)) throw await responseError(response);
    explainBreak(response, request);
    request.conversation?.on('error', (error) => response.destroy(error)).pipe(outgoing);
    return response;
  };
  return {
    endpoint,
    send,
    json: async <T>(request: ApiRequest): Promise<T> => {
      const text = await readBody(await send(request));
      const value: T = text.trim() === '' ? undefined : JSON.parse(text);
      return value;
    },
    hijack: async (request) => {
      const socket = await connect(endpoint);
      const { outgoing, head } = startRequest(socket, request, { connection: 'Upgrade', upgrade: 'tcp' });
      outgoing.end(request.body === undefined ? undefined : JSON.stringify(request.body));
      const response = await head;
      if ('socketTaken' in response) return response.socketTaken;
      if (isFailure(response)) throw await responseError(response);
      throw new WindowboxError('internal', `The daemon did not give up the connection for ${request.path}`);
    },
  };
}

/** The full path of a request, its query encoded. */
export function pathWithQuery(request: Pick<ApiRequest, 'path' | 'query'>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value === undefined) continue;
    if (typeof value === 'object') for (const item of value) query.append(name, item);
    else query.append(name, String(value));
  }
  const text = query.toString();
  return text === '' ? request.path : `${request.path}?${text}`;
}

type Head = IncomingMessage | { readonly socketTaken: Socket };

function startRequest(
  socket: Socket,
  request: ApiRequest,
  extra: Readonly<Record<string, string>>,
): { readonly outgoing: ClientRequest; readonly head: Promise<Head> } {
  const outgoing = httpRequest({
    createConnection: () => socket,
    method: request.method,
    path: pathWithQuery(request),
    headers: {
      host: 'windowbox',
      'user-agent': 'windowbox-cli',
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(request.upload === undefined ? {} : { 'content-type': 'application/x-tar' }),
      ...request.headers,
      ...extra,
    },
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const head = new Promise<Head>((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('upgrade', (_response, taken, first) => {
      if (first.length > 0) taken.unshift(first);
      resolve({ socketTaken: socket });
    });
    outgoing.on('error', (error) => {
      reject(connectionLost(request, error));
    });
  });
  return { outgoing, head };
}

function upload(outgoing: ClientRequest, request: ApiRequest): void {
  if (request.conversation !== undefined) {
    outgoing.flushHeaders();
    return;
  }
  if (request.upload === undefined) {
    outgoing.end(request.body === undefined ? undefined : JSON.stringify(request.body));
    return;
  }
  request.upload.on('error', (error) => outgoing.destroy(error));
  request.upload.pipe(outgoing);
}

function isFailure(response: IncomingMessage): boolean {
  return (response.statusCode ?? 500) >= 400;
}

/** Whoever reads an answer gets the same error for a connection that breaks in the middle of it as for one that breaks before. */
function explainBreak(response: IncomingMessage, request: ApiRequest): void {
  const destroy = response.destroy.bind(response);
  response.destroy = (error) => destroy(error && connectionLost(request, error));
}

function connectionLost(request: ApiRequest, cause: Error): WindowboxError {
  if (cause instanceof WindowboxError) return cause;
  if (request.signal?.aborted === true) return new WindowboxError('cancelled', 'Cancelled', { cause });
  // Node says "aborted" of a connection that the other end closed.
  const reason = cause.message === 'aborted' ? 'unexpected EOF' : cause.message;
  return new WindowboxError('unavailable', `error during connect: ${request.method} ${request.path}: ${reason}`, {
    hint: 'The daemon closed the connection. Its log is daemon.log in the state folder, by default /var/lib/windowbox.',
    cause,
  });
}
