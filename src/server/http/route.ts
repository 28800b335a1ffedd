import { WindowboxError } from '../../errors/index.js';
import type { ApiRequest } from './api-request.js';
import type { Reply } from './reply.js';

/** One line of the route table. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS';
  /** Docker's notation: `{name}` is one segment, `{name:.*}` may hold slashes, as image names do. */
  readonly path: string;
  readonly handle: (request: ApiRequest) => Reply | Promise<Reply>;
  /** For docs/reference/api.md: what it does, or why it is not done. */
  readonly summary: string;
  /** `done`; `not-swarm`: answers as an engine outside of a swarm; `refused`: 501 with the reason. */
  readonly state: 'done' | 'not-swarm' | 'refused';
  /** The handler may answer with a hijack: the connection's body is not to be touched beyond what `body` says. */
  readonly hijack?: 'tcp' | 'websocket';
  /** How the body comes: default `json` for POST and PUT, `none` otherwise. `stream`: of any length, read by the handler. */
  readonly body?: 'json' | 'stream' | 'none';
}

export type Handler = Route['handle'];

/** A line of the table for an endpoint that works: `done('GET /containers/json', 'List containers', handler)`. */
export function done(
  endpoint: string,
  summary: string,
  handle: Handler,
  extra: Pick<Route, 'hijack' | 'body'> = {},
): Route {
  return { ...splitEndpoint(endpoint), summary, handle, state: 'done', ...extra };
}

/** An endpoint that we do not offer: it answers 501 with the reason. */
export function refused(endpoint: string, summary: string, reason: string): Route {
  const handle = (): never => {
    throw new WindowboxError('unsupported', reason);
  };
  return { ...splitEndpoint(endpoint), summary: `${summary}. ${reason}`, handle, state: 'refused', body: 'none' };
}

export function splitEndpoint(endpoint: string): Pick<Route, 'method' | 'path'> {
  const [verb, path = ''] = endpoint.split(' ');
  const method = methods.find((known) => known === verb);
  if (method === undefined) throw new WindowboxError('internal', `Cannot route "${endpoint}": unknown method`);
  return { method, path };
}

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'] as const;
