import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  anything,
  array,
  assert as check,
  asyncProperty,
  boolean,
  constantFrom,
  dictionary,
  integer,
  json,
  oneof,
  option,
  record,
  shuffledSubarray,
  string,
  tuple,
  webPath,
} from 'fast-check';
import { inject } from '../helpers/inject.js';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

/** Whatever comes in, the answer is never a 500 and the engine never meets a bug. */
const runs = Number(process.env['WINDOWBOX_FUZZ_RUNS'] ?? 300);

let daemon: TestDaemon;
before(async () => {
  daemon = await startTestDaemon();
});
after(() => daemon.close());

const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';
const odd = oneof(
  string(),
  integer(),
  boolean(),
  constantFrom(null, '', -1, 2 ** 53, 1.5, [], {}, [null], ['C:\\'], 'C:\\x'),
  anything(),
);
const names = constantFrom(
  'fuzz',
  'nosuch',
  'a',
  '%2e%2e',
  '%00',
  '..',
  'x'.repeat(300),
  'fuzz%2Fx',
  nano,
  'sha256:abc',
  'nat',
);
const values = oneof(
  string(),
  constantFrom(
    '1',
    '0',
    '-1',
    'true',
    'all',
    '{"label":["a"]}',
    '{"a":{"b":true}}',
    '[]',
    '1e400',
    '99999999999999999999',
    'C:\\',
    '/',
    '2020-01-01T00:00:00Z',
  ),
);
const parameterNames = constantFrom(
  'all',
  'size',
  'limit',
  'filters',
  't',
  'signal',
  'h',
  'w',
  'path',
  'name',
  'since',
  'until',
  'tail',
  'stdout',
  'stderr',
  'logs',
  'stream',
  'condition',
  'force',
  'v',
  'fromImage',
  'fromSrc',
  'repo',
  'tag',
  'names',
  'term',
  'detachKeys',
  'one-shot',
  'type',
  'verbose',
  'changes',
  'buildargs',
  'platform',
);
const versions = constantFrom(
  '',
  '/v1.24',
  '/v1.41',
  '/v1.43',
  '/v1.44',
  '/v1.50',
  '/v1.52',
  '/v1.54',
  '/v9.99',
  '/v1.1',
);

const createBody = record(
  {
    Image: oneof(constantFrom(nano, 'mcr.microsoft.com/windows/nanoserver:1809', '', 'nosuch'), odd),
    Cmd: oneof(constantFrom(['cmd', '/c', 'ver'], [], null, ''), odd),
    Entrypoint: odd,
    Env: oneof(array(string()), odd),
    Labels: oneof(dictionary(string(), string()), odd),
    Volumes: oneof(dictionary(string(), constantFrom({})), odd),
    ExposedPorts: oneof(dictionary(string(), constantFrom({})), odd),
    User: odd,
    WorkingDir: odd,
    Hostname: odd,
    StopTimeout: odd,
    Healthcheck: oneof(
      record({ Test: oneof(array(string()), odd), Interval: oneof(integer(), odd), Retries: odd }),
      odd,
    ),
    HostConfig: oneof(
      record(
        {
          Binds: oneof(
            array(oneof(string(), constantFrom('a:C:\\a', 'C:\\:D:', 'x', ':::', '\\\\.\\pipe\\x:\\\\.\\pipe\\y'))),
            odd,
          ),
          Mounts: oneof(
            array(
              record(
                { Type: oneof(constantFrom('bind', 'volume', 'npipe', 'tmpfs'), odd), Source: odd, Target: odd },
                { requiredKeys: [] },
              ),
            ),
            odd,
          ),
          Memory: oneof(integer(), odd),
          NanoCpus: oneof(integer(), odd),
          CpuCount: odd,
          Isolation: oneof(constantFrom('', 'process', 'hyperv', 'Default'), odd),
          NetworkMode: oneof(constantFrom('', 'nat', 'none', 'container:x', 'default'), odd),
          PortBindings: oneof(dictionary(string(), array(record({ HostIp: odd, HostPort: odd }))), odd),
          RestartPolicy: oneof(
            record({ Name: oneof(constantFrom('no', 'always', 'on-failure'), odd), MaximumRetryCount: odd }),
            odd,
          ),
          LogConfig: odd,
          ConsoleSize: odd,
          Dns: odd,
          ExtraHosts: odd,
          Annotations: odd,
        },
        { requiredKeys: [] },
      ),
      odd,
    ),
    NetworkingConfig: oneof(record({ EndpointsConfig: oneof(dictionary(string(), odd), odd) }), odd),
  },
  { requiredKeys: [] },
);

const fieldNames = [
  'Entrypoint',
  'Env',
  'Labels',
  'Volumes',
  'ExposedPorts',
  'User',
  'WorkingDir',
  'Hostname',
  'StopTimeout',
  'Healthcheck',
  'HostConfig',
  'NetworkingConfig',
];

test('no route answers any parameters and body with a 500', { timeout: 240_000 }, async () => {
  const routes = daemon.app.routes.filter(({ hijack }) => hijack !== 'websocket');
  const request = record({
    route: constantFrom(...routes),
    version: versions,
    name: names,
    query: array(record({ name: oneof(parameterNames, string()), value: values }), { maxLength: 4 }),
    body: option(oneof(json(), createBody, string()), { freq: 3 }),
    headers: dictionary(
      constantFrom('x-registry-auth', 'x-registry-config', 'content-type', 'accept', 'upgrade'),
      string(),
      { maxKeys: 2 },
    ),
  });
  await check(
    asyncProperty(request, async ({ route, version, name, query, body, headers }) => {
      const path = route.path.replaceAll(/\{\w+(?::\.\*)?\}/gu, name);
      const parameters = query.map(
        (pair) => `${encodeURIComponent(wellFormed(pair.name))}=${encodeURIComponent(wellFormed(pair.value))}`,
      );
      await mustNotFail(route.method, `${version}${path}?${parameters.join('&')}`, {
        body: body ?? undefined,
        headers,
      });
    }),
    { numRuns: runs },
  );
});

test(
  'no body of create is answered with a 500, and what it makes can be inspected, listed and removed',
  { timeout: 240_000 },
  async () => {
    let created = 0;
    // Few odd fields in a body that is good otherwise: so the odd ones come as far as the engine.
    const bodies = tuple(createBody, shuffledSubarray(fieldNames, { maxLength: 2 })).map(([body, kept]) => ({
      Image: nano,
      Cmd: ['cmd', '/c', 'ver'],
      ...Object.fromEntries(Object.entries(body).filter(([name]) => kept.includes(name))),
    }));
    await check(
      asyncProperty(bodies, versions, async (body, version) => {
        const value = await mustNotFail('POST', `${version}/containers/create`, { body });
        const id = typeof value === 'object' && value !== null && 'Id' in value ? value.Id : undefined;
        if (typeof id !== 'string') return;
        created += 1;
        await mustNotFail('GET', `${version}/containers/${id}/json?size=1`);
        await mustNotFail('GET', `${version}/containers/json?all=1`);
        await mustNotFail('POST', `${version}/containers/${id}/start`);
        await mustNotFail('GET', `${version}/containers/${id}/json`);
        await mustNotFail('DELETE', `${version}/containers/${id}?force=1&v=1`);
      }),
      { numRuns: runs },
    );
    assert.ok(created > runs / 10, `only ${String(created)} of ${String(runs)} bodies made a container`);
  },
);

test('no path is answered with a 500', async () => {
  await check(
    asyncProperty(
      constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', ''),
      oneof(webPath(), string()),
      async (method, path) => {
        await mustNotFail(method, `/${wellFormed(path)}`);
      },
    ),
    { numRuns: runs },
  );
});

async function mustNotFail(
  method: string,
  target: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<unknown> {
  const gone = new AbortController();
  const timer = setTimeout(() => gone.abort(), 50);
  const reply = await inject(daemon.app, method, target, { ...options, signal: gone.signal });
  if (reply.kind === 'stream') await readSome(reply.chunks, gone.signal);
  clearTimeout(timer);
  if (reply.kind === 'hijack') {
    reply.abandon();
    return undefined;
  }
  const about = `${method} ${target} ${JSON.stringify(options.body)}`;
  assert.notEqual(reply.status, 500, `${about}: ${reply.kind === 'json' ? JSON.stringify(reply.value) : ''}`);
  assert.deepEqual(daemon.errors, [], about);
  return reply.kind === 'json' ? reply.value : undefined;
}

async function readSome(chunks: AsyncIterable<unknown>, gone: AbortSignal): Promise<void> {
  for await (const chunk of chunks) {
    void chunk;
    if (gone.aborted) return;
  }
}

/** A lone surrogate has no encoding: nothing that a client could send. */
function wellFormed(text: string): string {
  return text.replaceAll(/[\uD800-\uDFFF]/gu, '?');
}
