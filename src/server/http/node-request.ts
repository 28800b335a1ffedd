import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { ApiRequest } from './api-request.js';
import { limitIdleBody } from './limit-idle-body.js';
import type { RouteMatch } from './router.js';

/**
 * A request that Node's HTTP server has read. Most handlers look at little of it, and each part costs as much as the rest of a small request: so
 * parts are made when they are asked for.
 */
export class NodeRequest implements ApiRequest {
  readonly id: string;
  readonly #exchange: NodeExchange;
  #query: URLSearchParams | undefined;
  #body: AsyncIterable<Uint8Array> | undefined;
  #signal: AbortSignal | undefined;

  constructor(id: string, exchange: NodeExchange) {
    this.id = id;
    this.#exchange = exchange;
  }

  get method(): string {
    return this.#exchange.match.route.method;
  }

  get path(): string {
    return this.#exchange.match.path;
  }

  get version(): string {
    return this.#exchange.match.version;
  }

  get params(): Readonly<Record<string, string>> {
    return this.#exchange.match.params;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#exchange.query);
    return this.#query;
  }

  get headers(): IncomingHttpHeaders {
    return this.#exchange.request.headers;
  }

  get body(): AsyncIterable<Uint8Array> {
    this.#body ??= limitIdleBody(this.#exchange.request, this.#exchange.idleBodyMs);
    return this.#body;
  }

  get signal(): AbortSignal {
    this.#signal ??= signalOfClient(this.#exchange.response);
    return this.#signal;
  }
}

export interface NodeExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly match: RouteMatch;
  /** Without the question mark. */
  readonly query: string;
  readonly idleBodyMs: number;
}

function signalOfClient(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const leave = (): void => {
    if (!response.writableFinished) gone.abort();
  };
  response.once('close', leave);
  if (response.closed) leave();
  return gone.signal;
}
