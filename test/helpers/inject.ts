import type { App } from '../../src/server/index.js';

type Match = ReturnType<App['match']>;
type Reply = Awaited<ReturnType<App['answer']>>;

export interface Injected {
  /** A string goes as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** In place of what stands in the target. */
  readonly query?: URLSearchParams;
}

/** A request without a socket: `inject(app, 'POST', '/v1.44/containers/create', { body })`. */
export async function inject(app: App, method: string, target: string, options: Injected = {}): Promise<Reply> {
  const { body, headers, signal } = options;
  const [path = '', query = ''] = target.split('?', 2);
  const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
  const about =
    text === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
  let match: Match;
  try {
    match = app.match(method, path);
  } catch (error) {
    return app.refuse(error, { id: 'test', method, path });
  }
  return app.answer(match, {
    id: 'test',
    method,
    path: match.path,
    version: match.version,
    params: match.params,
    query: options.query ?? new URLSearchParams(query),
    headers: { ...about, ...headers },
    body: pieces(text),
    signal: signal ?? new AbortController().signal,
  });
}

async function* pieces(text: string | undefined): AsyncGenerator<Uint8Array> {
  if (text !== undefined && text !== '') yield Buffer.from(text);
}
