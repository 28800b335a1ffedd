import { WindowboxError } from '../../errors/index.js';
import { readableStack } from '../../platform/index.js';
import type { ApiRequest } from './api-request.js';
import { errorReply, isOurBug } from './error-reply.js';
import type { LogEntry } from './log.js';
import type { Metrics } from './metrics.js';
import type { Reply } from './reply.js';
import type { Route } from './route.js';
import { createRouter, type RouteMatch } from './router.js';

/**
 * The whole API without a socket. `match` and `answer` are apart because a connection has to know whether a route hijacks before
 * its body is read.
 */
export interface App {
  readonly routes: readonly Route[];
  /** Sent with every answer: name, value, name, value. */
  readonly headers: readonly string[];
  /** @throws WindowboxError for a request that fits no route. */
  match(method: string, pathname: string): RouteMatch;
  /** Never rejects: a failure becomes Docker's error shape. */
  answer(match: RouteMatch, request: ApiRequest): Promise<Reply>;
  /** The answer to a request that did not get as far as a route. */
  refuse(error: unknown, request: { readonly id: string; readonly method: string; readonly path: string }): Reply;
}

export interface AppOptions {
  readonly routes: readonly Route[];
  readonly headers: Readonly<Record<string, string>>;
  readonly metrics: Metrics;
  readonly log: (entry: LogEntry) => void;
}

/** Builds the application out of its routes. Listening is another function. */
export function buildApp(options: AppOptions): App {
  const router = createRouter(options.routes);
  return {
    routes: options.routes,
    headers: Object.entries(options.headers).flat(),
    match: router,
    async answer(match, request) {
      const startedAt = performance.now();
      const reply = await handle(match, request, options);
      const seconds = (performance.now() - startedAt) / 1000;
      options.metrics.countRequest({
        method: match.route.method,
        route: match.route.path,
        status: statusOf(reply),
        seconds,
      });
      options.log({
        level: 'debug',
        message: `${request.method} ${request.path}`,
        request: request.id,
        status: statusOf(reply),
        seconds,
      });
      return reply;
    },
    refuse(error, request) {
      const reply = errorReply(error);
      options.metrics.countRequest({ method: request.method, route: '', status: statusOf(reply), seconds: 0 });
      options.log({
        level: 'debug',
        message: `${request.method} ${request.path}`,
        request: request.id,
        status: statusOf(reply),
        seconds: 0,
      });
      return reply;
    },
  };
}

async function handle(match: RouteMatch, request: ApiRequest, options: AppOptions): Promise<Reply> {
  try {
    if (match.params['name']?.includes('\0')) throw new WindowboxError('invalid-argument', 'invalid character in name');
    return await match.route.handle(request);
  } catch (error) {
    if (isOurBug(error) && !request.signal.aborted)
      options.log({
        level: 'error',
        message: error instanceof Error ? readableStack(error) : String(error),
        request: request.id,
      });
    return errorReply(error);
  }
}

function statusOf(reply: Reply): number {
  return reply.kind === 'hijack' ? 101 : reply.status;
}
