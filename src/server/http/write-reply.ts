import { type OutgoingHttpHeaders, STATUS_CODES, type ServerResponse } from 'node:http';
import { readOn } from './read-on.js';
import type { HijackReply, Reply, StreamReply } from './reply.js';

/** Puts an answer on the wire. Resolves when all is written or the client has gone; rejects when a stream's source failed. */
export async function writeReply(
  response: ServerResponse,
  reply: Exclude<Reply, HijackReply>,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const lines = flatHeaders({ ...headers, ...reply.headers });
  if (reply.kind === 'stream') {
    await writeStream(response, reply, lines);
    return;
  }
  const { contentType, text } = bodyOf(reply);
  if (contentType !== undefined)
    lines.push('Content-Type', contentType, 'Content-Length', String(Buffer.byteLength(text)));
  response.writeHead(reply.status, lines);
  if (response.req.complete) {
    response.end(response.req.method === 'HEAD' ? undefined : text);
    return;
  }
  response.write(text);
  await readOn(response.req);
  response.end();
}

/** Name, value, name, value: given so, all at once, they cost Node half of what `setHeader` for each costs. */
function flatHeaders(headers: OutgoingHttpHeaders): (string | string[])[] {
  const lines: (string | string[])[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) lines.push(name, typeof value === 'number' ? String(value) : value);
  }
  return lines;
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

async function writeStream(response: ServerResponse, reply: StreamReply, lines: (string | string[])[]): Promise<void> {
  response.writeHead(reply.status, [...lines, 'Content-Type', reply.contentType]);
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
  await readOn(response.req);
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
