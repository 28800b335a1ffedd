import { randomBytes } from 'node:crypto';

/** `X-Request-Id` of a request. */
export function newRequestId(): string {
  return randomBytes(8).toString('hex');
}

/** Path and parameters of a request line. A target such as `http://host/path` is taken apart too, as proxies send it. */
export function splitTarget(target: string | undefined): { readonly path: string; readonly query: URLSearchParams } {
  const [, path = '', query = ''] = /^(?:https?:\/\/[^/?]*)?([^?#]*)(?:\?([^#]*))?/u.exec(target ?? '') ?? [];
  // Docker's router cleans a path up; clients that join a base and a path rely on it.
  return { path: path.replaceAll(/\/{2,}/gu, '/') || '/', query: new URLSearchParams(query) };
}
