import { randomBytes } from 'node:crypto';

/** `X-Request-Id` of a request: of this daemon's run, then a count. */
export function newRequestId(): string {
  count = (count + 1) % 0x1_0000_0000;
  return run + count.toString(16).padStart(8, '0');
}

const run = randomBytes(4).toString('hex');
let count = 0;

/** Path and query (without its question mark) of a request line. A target such as `http://host/path` is taken apart too, as proxies send it. */
export function splitTarget(target: string | undefined): { readonly path: string; readonly query: string } {
  if (target !== undefined && plainTarget.test(target)) return { path: target, query: '' };
  const [, path = '', query = ''] = /^(?:https?:\/\/[^/?]*)?([^?#]*)(?:\?([^#]*))?/u.exec(target ?? '') ?? [];
  // Docker's router cleans a path up; clients that join a base and a path rely on it.
  return { path: path.replaceAll(/\/{2,}/gu, '/') || '/', query };
}

/** Most requests: a clean path and nothing else. */
const plainTarget = /^(?:\/[\w.:-]+)+$/u;
