import { STATUS_CODES, type ServerResponse } from 'node:http';
import { readOn } from './read-on.js';
import type { HijackReply, Reply, ReplyHeaders, StreamReply } from './reply.js';

/**
 * Puts an answer on the wire. Resolves when all is written or the client has gone; rejects when a stream's source failed.
 *
 * @param headers Name, value, name, value: given so, all at once, they cost Node a small part of what `setHeader` for each costs.
 */
export async function writeReply(
  response: ServerResponse,
  reply: Exclude<Reply, HijackReply>,
  headers: readonly string[],
): Promise<void> {
  const lines = withHeaders(headers, reply.headers);
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

/** The same for a connection that Node has handed over already (`Upgrade`), and that ends with this answer. */
export function renderReply(reply: Exclude<Reply, HijackReply | StreamReply>, headers: readonly string[]): string {
  const { contentType, text } = bodyOf(reply);
  const lines = withHeaders(headers, reply.headers);
  if (contentType !== undefined) lines.push('Content-Type', contentType);
  lines.push('Content-Length', String(Buffer.byteLength(text)), 'Connection', 'close');
  let head = `HTTP/1.1 ${String(reply.status)} ${STATUS_CODES[reply.status] ?? 'Unknown'}\r\n`;
  for (let at = 0; at + 1 < lines.length; at += 2) head += `${lines[at] ?? ''}: ${lines[at + 1] ?? ''}\r\n`;
  return `${head}\r\n${text}`;
}

function withHeaders(headers: readonly string[], more: ReplyHeaders | undefined): string[] {
  const lines = [...headers];
  for (const name in more) lines.push(name, more[name] ?? '');
  return lines;
}

function bodyOf(reply: Exclude<Reply, HijackReply | StreamReply>): { contentType: string | undefined; text: string } {
  if (reply.kind === 'empty') return { contentType: undefined, text: '' };
  if (reply.kind === 'text') return { contentType: reply.contentType, text: reply.text };
  return { contentType: 'application/json', text: `${JSON.stringify(reply.value)}\n` };
}

async function writeStream(response: ServerResponse, reply: StreamReply, lines: readonly string[]): Promise<void> {
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
