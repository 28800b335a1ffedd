import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { HijackReply, Reply, StreamReply } from './reply.js';

/** Puts an answer on the wire. Resolves when all is written or the client has gone; rejects when a stream's source failed. */
export async function writeReply(
  response: ServerResponse,
  reply: Exclude<Reply, HijackReply>,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, value] of Object.entries({ ...headers, ...reply.headers }))
    if (value !== undefined) response.setHeader(name, value);
  if (reply.kind === 'stream') {
    await writeStream(response, reply);
    return;
  }
  const { contentType, text } = bodyOf(reply);
  if (contentType !== undefined) {
    response.setHeader('Content-Type', contentType);
    response.setHeader('Content-Length', Buffer.byteLength(text));
  }
  response.writeHead(reply.status);
  response.end(response.req.method === 'HEAD' ? undefined : text);
}

/** The same for a connection that Node has handed over already (`Upgrade`), and that ends with this answer. */
export function renderReply(
  reply: Exclude<Reply, HijackReply | StreamReply>,
  headers: Readonly<Record<string, string>>,
): string {
  const { contentType, text } = bodyOf(reply);
  const lines = Object.entries({
    ...headers,
    ...reply.headers,
    ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
    'Content-Length': String(Buffer.byteLength(text)),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${String(value)}`);
  return [`HTTP/1.1 ${String(reply.status)} ${STATUS_CODES[reply.status] ?? 'Unknown'}`, ...lines, '', text].join(
    '\r\n',
  );
}

function bodyOf(reply: Exclude<Reply, HijackReply | StreamReply>): { contentType: string | undefined; text: string } {
  if (reply.kind === 'empty') return { contentType: undefined, text: '' };
  if (reply.kind === 'text') return { contentType: reply.contentType, text: reply.text };
  return { contentType: 'application/json', text: `${JSON.stringify(reply.value)}\n` };
}

async function writeStream(response: ServerResponse, reply: StreamReply): Promise<void> {
  response.setHeader('Content-Type', reply.contentType);
  response.writeHead(reply.status);
  response.flushHeaders();
  try {
    for await (const chunk of reply.chunks) {
      if (response.destroyed || response.closed) return;
      if (!response.write(chunk)) await drained(response);
    }
  } catch (error) {
    // The status has gone out as a success: only a connection that breaks off tells the client that this is not all.
    response.destroy();
    throw error;
  }
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
    if (response.closed || response.destroyed) done();
  });
}
