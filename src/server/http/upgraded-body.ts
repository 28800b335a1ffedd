import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { WindowboxError } from '../../errors/index.js';

/**
 * The body of a request with `Upgrade`. Node's parser stops at the head of such a request and hands over all that follows
 * unparsed; `exec start` has a JSON body there, by `Content-Length` or in chunks, and what comes after it is the program's input.
 */
export interface UpgradedBody {
  readonly body: Uint8Array;
  /** Bytes after the body that have arrived already. */
  readonly rest: Uint8Array;
}

const longestBody = 1024 * 1024;
const slowestBodyMs = 10_000;

/** @throws WindowboxError `invalid-argument` for a body that is malformed, cut short or too long, `timeout`. */
export async function readUpgradedBody(
  socket: Duplex,
  head: Uint8Array,
  headers: IncomingHttpHeaders,
): Promise<UpgradedBody> {
  const parse = parserFor(headers);
  let received = Buffer.from(head);
  const deadline = setTimeout(() => socket.destroy(), slowestBodyMs);
  try {
    for (;;) {
      const parsed = parse(received);
      if (parsed) return parsed;
      if (received.length > longestBody) throw malformed('it is too long');
      const more = await nextChunk(socket);
      if (more === undefined) throw malformed('it was cut short');
      received = Buffer.concat([received, more]);
    }
  } finally {
    clearTimeout(deadline);
  }
}

type Parser = (received: Buffer) => UpgradedBody | undefined;

function parserFor(headers: IncomingHttpHeaders): Parser {
  const encoding = headers['transfer-encoding'];
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== 'chunked' || headers['content-length'] !== undefined)
      throw malformed('its length is given in two ways');
    return parseChunks;
  }
  const length = headers['content-length'] ?? '0';
  if (!/^\d{1,9}$/u.test(length) || Number(length) > longestBody)
    throw malformed('its Content-Length is no usable number');
  return (received) =>
    received.length < Number(length)
      ? undefined
      : { body: received.subarray(0, Number(length)), rest: received.subarray(Number(length)) };
}

function parseChunks(received: Buffer): UpgradedBody | undefined {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = received.indexOf('\r\n', at);
    if (lineEnd < 0) {
      if (received.length - at > 1024) throw malformed('a chunk has no size');
      return undefined;
    }
    const size = /^([0-9a-f]{1,8})(?:;.*)?$/iu.exec(received.toString('latin1', at, lineEnd));
    if (!size) throw malformed('a chunk has no size');
    const length = Number.parseInt(size[1] ?? '', 16);
    const start = lineEnd + 2;
    if (received.length < start + length + 2) return undefined;
    if (received.toString('latin1', start + length, start + length + 2) !== '\r\n')
      throw malformed('a chunk has no end');
    if (length === 0) return { body: Buffer.concat(chunks), rest: received.subarray(start + 2) };
    chunks.push(received.subarray(start, start + length));
    at = start + length + 2;
  }
}

function nextChunk(socket: Duplex): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const settle = (chunk: Buffer | undefined): void => {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onEnd);
      socket.pause();
      resolve(chunk);
    };
    const onData = (chunk: Buffer): void => {
      settle(chunk);
    };
    const onEnd = (): void => {
      settle(undefined);
    };
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onEnd).resume();
  });
}

function malformed(reason: string): WindowboxError {
  return new WindowboxError('invalid-argument', `Cannot read the request's body: ${reason}`);
}
