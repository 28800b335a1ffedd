import { splitTarget } from '../http/request-line.js';
import type { App } from '../http/app.js';
import type { Reply } from '../http/reply.js';

export interface Injected {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A request without a socket: `inject(app, 'POST', '/v1.44/containers/create', { body })`. */
export async function inject(
  app: App,
  method: string,
  target: string,
  { body, headers, signal }: Injected = {},
): Promise<Reply> {
  const { path, query } = splitTarget(target);
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const contentHeaders =
    text === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
  try {
    const match = app.match(method, path);
    return await app.answer(match, {
      id: 'test',
      method,
      path: match.path,
      version: match.version,
      params: match.params,
      query,
      headers: { ...contentHeaders, ...headers },
      body: pieces(text),
      signal: signal ?? new AbortController().signal,
    });
  } catch (error) {
    return app.refuse(error, { id: 'test', method, path });
  }
}

/** The JSON value of an answer, and its status. */
export async function injectJson(
  app: App,
  method: string,
  target: string,
  options?: Injected,
): Promise<{ readonly status: number; readonly value: unknown }> {
  const reply = await inject(app, method, target, options);
  if (reply.kind === 'json') return { status: reply.status, value: reply.value };
  if (reply.kind === 'hijack') return { status: 101, value: undefined };
  return { status: reply.status, value: undefined };
}

/** All that a streamed answer says. */
export async function textOf(reply: Reply): Promise<string> {
  if (reply.kind !== 'stream') throw new Error(`a stream, not ${reply.kind}`);
  const chunks: Buffer[] = [];
  for await (const chunk of reply.chunks)
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

async function* pieces(text: string | undefined): AsyncGenerator<Uint8Array> {
  if (text !== undefined && text !== '') yield Buffer.from(text);
}
