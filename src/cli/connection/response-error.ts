import type { IncomingMessage } from 'node:http';
import { type ErrorCode, WindowboxError } from '../../errors/index.js';

/** The whole body as text. */
export async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** What the daemon refused, as Docker's client says it. */
export async function responseError(response: IncomingMessage): Promise<WindowboxError> {
  const status = response.statusCode ?? 500;
  const { message, hint } = readMessage(await readBody(response));
  const said = message === '' ? `${String(status)} ${response.statusMessage ?? ''}`.trim() : message;
  return new WindowboxError(codeOf(status), `Error response from daemon: ${said}`, hint === undefined ? {} : { hint });
}

function readMessage(body: string): { message: string; hint?: string } {
  try {
    const value: { message?: unknown; hint?: unknown } = JSON.parse(body);
    const message = typeof value.message === 'string' ? value.message.trim() : '';
    return typeof value.hint === 'string' ? { message, hint: value.hint } : { message };
  } catch {
    // Not JSON: a proxy in between, or an old engine. Its text is all there is to show.
    return { message: body.trim() };
  }
}

function codeOf(status: number): ErrorCode {
  const codes: Readonly<Record<number, ErrorCode>> = {
    400: 'invalid-argument',
    401: 'unauthenticated',
    403: 'permission-denied',
    404: 'not-found',
    409: 'conflict',
    501: 'unsupported',
    503: 'unavailable',
  };
  return codes[status] ?? 'internal';
}
