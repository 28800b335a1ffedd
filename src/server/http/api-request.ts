import type { IncomingHttpHeaders } from 'node:http';
import { WindowboxError } from '../../errors/index.js';
import { dockerTexts, goQuote } from '../../docker-api/index.js';

/** One request, after routing. Knows nothing of sockets, so that a test makes one by hand. */
export interface ApiRequest {
  /** Written to the log and to `X-Request-Id`. */
  readonly id: string;
  readonly method: string;
  /** Without the version's prefix and the query. */
  readonly path: string;
  /** `1.47`: what the client asked for, or the newest. */
  readonly version: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Ends with the body; fails when the client goes away in the middle. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** A parameter out of the path. The route's pattern guarantees it. */
export function pathParameter(request: ApiRequest, name: string): string {
  return request.params[name] ?? '';
}

/** Docker's truth: everything but empty, `0`, `no`, `false` and `none`. */
export function queryFlag(request: ApiRequest, name: string, otherwise = false): boolean {
  const value = request.query.get(name);
  if (value === null) return otherwise;
  return !['', '0', 'no', 'false', 'none'].includes(value.trim().toLowerCase());
}

/** A parameter's text; undefined when absent or empty, between which Docker makes no difference. */
export function queryText(request: ApiRequest, name: string): string | undefined {
  const value = request.query.get(name);
  if (value?.includes('\0') === true)
    throw new WindowboxError('invalid-argument', `Cannot read "${name}": there is a NUL in it`);
  return value === null || value === '' ? undefined : value;
}

/** @throws WindowboxError `invalid-argument` in the words of Go's strconv. */
export function queryInteger(request: ApiRequest, name: string): number | undefined {
  const value = queryText(request, name);
  if (value === undefined) return undefined;
  if (!/^[+-]?\d{1,15}$/u.test(value)) throw new WindowboxError('invalid-argument', dockerTexts.invalidInteger(value));
  return Number(value);
}

/** `h` and `w` of the two resize endpoints. */
export function querySize(request: ApiRequest): { readonly rows: number; readonly columns: number } {
  return { rows: sizeOf(request, 'h', 'height'), columns: sizeOf(request, 'w', 'width') };
}

function sizeOf(request: ApiRequest, name: string, side: 'height' | 'width'): number {
  const value = request.query.get(name) ?? '';
  if (!/^\d{1,10}$/u.test(value) || Number(value) > 0xff_ff_ff_ff)
    throw new WindowboxError('invalid-argument', dockerTexts.invalidResize(side, value));
  return Number(value);
}

/**
 * A moment in one of Docker's spellings: seconds since 1970 with an optional fraction, or RFC 3339. Durations such as `10m` are
 * made into moments by the clients.
 *
 * @returns Nanoseconds since 1970; undefined for absent or empty.
 * @throws WindowboxError `invalid-argument`.
 */
export function queryMoment(request: ApiRequest, name: string): bigint | undefined {
  const value = queryText(request, name);
  if (value === undefined) return undefined;
  const unix = /^(-?\d{1,12})(?:\.(\d{1,9})\d*)?$/u.exec(value);
  if (unix) return BigInt(unix[1] ?? 0) * 1_000_000_000n + BigInt((unix[2] ?? '').padEnd(9, '0'));
  const milliseconds = Date.parse(value);
  if (Number.isNaN(milliseconds))
    throw new WindowboxError(
      'invalid-argument',
      `failed to parse value for "${name}" as time or duration: ${goQuote(value)}`,
    );
  return BigInt(milliseconds) * 1_000_000n;
}
