import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, isErrorCode } from '../../src/errors/index.js';
import { image, openStore } from '../helpers/failing-pull.js';
import { serveImage } from '../helpers/serve-image.js';

interface Refusal {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error: { readonly code: ErrorCode; readonly message: string | RegExp; readonly hint?: RegExp };
}

const errorBody = (code: string, message: string): string => JSON.stringify({ errors: [{ code, message }] });

/** What Docker's engine says in the same place. */
const refusals: readonly Refusal[] = [
  {
    status: 401,
    error: { code: 'unauthenticated', message: 'unauthorized: authentication required', hint: /docker login 127/u },
  },
  {
    status: 401,
    body: errorBody('DENIED', 'requested access to the resource is denied'),
    error: {
      code: 'unauthenticated',
      message:
        /^pull access denied for HOST\/app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied$/u,
    },
  },
  {
    status: 403,
    error: {
      code: 'permission-denied',
      message: /^pull access denied for HOST\/app, repository does not exist or may require 'docker login': denied: /u,
      hint: /docker login/u,
    },
  },
  {
    status: 404,
    error: { code: 'not-found', message: /^manifest for HOST\/app:1 not found: manifest unknown: manifest unknown$/u },
  },
  {
    status: 404,
    body: errorBody('NAME_UNKNOWN', 'repository name not known to registry'),
    error: {
      code: 'not-found',
      message: /^repository HOST\/app not found: name unknown: repository name not known to registry$/u,
      hint: /Check the name/u,
    },
  },
  {
    status: 429,
    headers: { 'retry-after': '3600' },
    body: errorBody('TOOMANYREQUESTS', 'You have reached your pull rate limit.'),
    error: {
      code: 'resource-exhausted',
      message: 'toomanyrequests: You have reached your pull rate limit.',
      hint: /wants a pause of 3600 s/u,
    },
  },
  {
    status: 500,
    body: '<html>',
    error: {
      code: 'unavailable',
      message: 'received unexpected HTTP status: 500 Internal Server Error',
      hint: /Try again/u,
    },
  },
];

for (const { status, body = '', headers = {}, error: expected } of refusals)
  test(`a registry that answers ${String(status)} ${body.slice(20, 40)} is told in the words of Docker, with what to do`, async () => {
    const server = await serveImage(image, (_request, response) => {
      response.writeHead(status, headers);
      response.end(body);
      return true;
    });
    const store = await openStore();
    try {
      await assert.rejects(store.pull(`${server.host}/app:1`), (error) => {
        assert.ok(isErrorCode(error, expected.code), String(error));
        const message = error.message.replaceAll(server.host, 'HOST');
        if (typeof expected.message === 'string') assert.equal(message, expected.message);
        else assert.match(message, expected.message);
        if (expected.hint) assert.match(error.hint ?? '', expected.hint);
        return true;
      });
    } finally {
      store.close();
      await server.stop();
    }
  });

test('a pause that a busy registry asks for is kept', async () => {
  let [first, second] = [0, 0];
  const server = await serveImage(image, (request, response) => {
    if (!(request.url ?? '').includes('/manifests/')) return false;
    if (first > 0) {
      second = Date.now();
      return false;
    }
    first = Date.now();
    response.writeHead(429, { 'retry-after': '2' });
    response.end();
    return true;
  });
  const store = await openStore();
  await store.pull(`${server.host}/app:1`);
  assert.ok(second - first >= 1900, `${String(second - first)} ms`);
  store.close();
  await server.stop();
});
