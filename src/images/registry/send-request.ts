import { Agent as HttpAgent, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { isErrno, WindowboxError } from '../../errors/index.js';
import { explainFailure, isTlsRefusal } from './explain-failure.js';
import { trustedRoots } from './trusted-roots.js';

export interface TlsSettings {
  /** PEM certificates that are trusted besides the system's. */
  readonly ca?: string;
  /** Client certificate and key, PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** Any certificate will do. */
  readonly insecure?: boolean;
}

export interface HttpCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each attempt; a stream has its length in the headers. */
  readonly body?: () => Readable | Buffer;
  readonly tls?: TlsSettings;
  readonly signal?: AbortSignal;
  /** Tries in all, for what the server may mend by itself; default 5, 1 for a call with a stream body. */
  readonly tries?: number;
}

export interface HttpAnswer {
  readonly method: HttpCall['method'];
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: IncomingMessage;
  /** After redirects. */
  readonly url: URL;
}

/**
 * One HTTP call: connections are kept, redirects followed (without credentials to another host), and what may pass (a broken
 * connection, 429, 502, 503, 504) is tried again after a pause, as long as the server asks for unless that is too long. Any other
 * status is an answer, not an error.
 *
 * @throws WindowboxError `unavailable` when the server cannot be reached, `cancelled`.
 */
export async function sendRequest(call: HttpCall): Promise<HttpAnswer> {
  const tries = call.tries ?? 5;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await follow(call);
      if (attempt >= tries || !passing.has(answer.status)) return answer;
      const asked = askedPause(answer.headers['retry-after']);
      if (asked > maxPause) return answer;
      answer.body.resume();
      await pause(call, attempt, asked);
    } catch (error) {
      if (call.signal?.aborted === true)
        throw new WindowboxError('cancelled', `Cannot reach "${call.url.host}": cancelled`);
      if (attempt >= tries || error instanceof WindowboxError || isFinal(error)) throw explainFailure(error, call.url);
      await pause(call, attempt);
    }
  }
}

/** The whole body as text, at most `max` bytes. @throws WindowboxError `resource-exhausted`. */
export async function readBody(answer: HttpAnswer, max: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > max) {
      answer.body.destroy();
      throw new WindowboxError(
        'resource-exhausted',
        `Cannot read the answer of "${answer.url.host}": it is longer than ${String(max)} bytes`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function follow(call: HttpCall): Promise<HttpAnswer> {
  let { url, headers = {} } = call;
  for (let hops = 0; hops < 10; hops += 1) {
    const answer = await once({ ...call, url, headers });
    const { location } = answer.headers;
    if (location === undefined || !mayFollow(call.method, answer.status)) return answer;
    answer.body.resume();
    if (!URL.canParse(location, url.href)) break;
    const next = new URL(location, url);
    if (next.protocol !== 'http:' && next.protocol !== 'https:') break;
    // Another scheme too: what was meant for TLS must not go out in the clear.
    if (next.origin !== url.origin) headers = withoutCredentials(headers);
    url = next;
  }
  throw new WindowboxError(
    'unavailable',
    `Cannot reach "${call.url.host}": it redirects without end, or to no address`,
  );
}

async function once(call: HttpCall): Promise<HttpAnswer> {
  const secure = call.url.protocol === 'https:';
  const body = call.body?.();
  const options: RequestOptions = {
    method: call.method,
    headers: {
      'user-agent': 'windowbox',
      ...call.headers,
      ...(Buffer.isBuffer(body) ? { 'content-length': body.length } : {}),
    },
    agent: secure ? agentFor(call.tls ?? {}) : plainAgent,
    ...(call.signal ? { signal: call.signal } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = secure ? httpsRequest(call.url, options) : httpRequest(call.url, options);
    request.setTimeout(idleMs, () =>
      request.destroy(
        new WindowboxError('timeout', `Cannot reach "${call.url.host}": silent for ${String(idleMs / 1000)} s`),
      ),
    );
    request.on('error', reject);
    request.on('response', (message) => {
      resolve({
        method: call.method,
        status: message.statusCode ?? 0,
        headers: message.headers,
        body: message,
        url: call.url,
      });
    });
    if (body === undefined || Buffer.isBuffer(body)) request.end(body);
    else pipeline(body, request).catch(reject);
  });
}

function agentFor(tls: TlsSettings): HttpsAgent {
  const key = JSON.stringify(tls);
  const known = secureAgents.get(key);
  if (known) return known;
  const agent = new HttpsAgent({
    keepAlive: true,
    ...(tls.insecure === true ? { rejectUnauthorized: false } : {}),
    secureContext: createSecureContext({
      ca: [...trustedRoots(), ...(tls.ca === undefined ? [] : [tls.ca])],
      ...(tls.cert === undefined ? {} : { cert: tls.cert }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
    }),
  });
  secureAgents.set(key, agent);
  return agent;
}

async function pause(call: HttpCall, attempt: number, asked = 0): Promise<void> {
  await sleep(Math.max(asked, 200 * 2 ** attempt), undefined, call.signal ? { signal: call.signal } : {});
}

/** `Retry-After` in milliseconds: seconds, or a date. */
function askedPause(after = ''): number {
  if (/^\d{1,9}$/u.test(after)) return Number(after) * 1000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

/** A body is made anew for the other place; with the older statuses a client would turn the call into a GET. */
function mayFollow(method: HttpCall['method'], status: number): boolean {
  return status === 307 || status === 308 || (redirects.has(status) && (method === 'GET' || method === 'HEAD'));
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'));
}

/** No later try can mend a name that does not exist, a certificate, or plain HTTP where TLS is expected. */
function isFinal(error: unknown): boolean {
  return (
    ['ENOTFOUND', 'ECONNREFUSED', 'EPROTO', 'EHOSTUNREACH', 'ENETUNREACH'].some((code) => isErrno(error, code)) ||
    isTlsRefusal(error)
  );
}

const plainAgent = new HttpAgent({ keepAlive: true });
const secureAgents = new Map<string, HttpsAgent>();
const redirects = new Set([301, 302, 303]);
const passing = new Set([429, 502, 503, 504]);
const idleMs = 60_000;
/** Whoever is to wait for longer is told so. */
const maxPause = 60_000;
