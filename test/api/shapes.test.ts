import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findRepository } from '../../src/platform/index.js';
import { inject } from '../helpers/inject.js';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

/**
 * The shape of each answer, at the versions of the API where it changes: golden files in test/fixtures/api, with what differs from run
 * to run replaced. WINDOWBOX_WRITE_GOLDEN=1 writes them anew; look at the difference before it is committed.
 */
const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';
let daemon: TestDaemon;
let id: string;

before(async () => {
  daemon = await startTestDaemon();
  const body = {
    Image: nano,
    Cmd: ['cmd', '/c', 'echo started & wait 60'],
    Env: ['A=1'],
    Labels: { a: 'b' },
    Hostname: 'box',
    ExposedPorts: { '81/tcp': {} },
    Healthcheck: { Test: ['CMD-SHELL', 'echo ok'], Interval: 60_000_000_000 },
    StopTimeout: 3,
    HostConfig: {
      Memory: 536_870_912,
      CapAdd: ['NET_ADMIN'],
      Isolation: 'process',
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 },
      PortBindings: { '80/tcp': [{ HostPort: '8080' }] },
      Binds: ['things:C:\\things'],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    },
  };
  id = ((await value('POST', '/containers/create?name=golden', { body })) as { Id: string }).Id;
  await value('POST', `/containers/${id}/start`);
});
after(() => daemon.close());

const answers: Readonly<Record<string, () => Promise<unknown>>> = {
  version: () => value('GET', '/version'),
  'info-1.24': () => value('GET', '/v1.24/info'),
  'info-1.54': () => value('GET', '/v1.54/info'),
  'container-inspect-1.24': () => value('GET', '/v1.24/containers/golden/json'),
  'container-inspect-1.44': () => value('GET', '/v1.44/containers/golden/json?size=1'),
  'container-inspect-1.54': () => value('GET', '/v1.54/containers/golden/json'),
  'container-list-1.24': () => value('GET', '/v1.24/containers/json?all=1'),
  'container-list-1.54': () => value('GET', '/v1.54/containers/json?all=1&size=1'),
  'container-stats-1.44': () => value('GET', '/v1.44/containers/golden/stats?stream=0&one-shot=1'),
  'container-stats-1.54': () => value('GET', '/v1.54/containers/golden/stats?stream=0&one-shot=1'),
  'container-top': () => value('GET', '/containers/golden/top'),
  'exec-inspect': async () => {
    const { Id } = (await value('POST', '/containers/golden/exec', {
      body: { Cmd: ['cmd', '/c', 'ver'], AttachStdout: true },
    })) as { Id: string };
    return value('GET', `/exec/${Id}/json`);
  },
  'image-inspect-1.24': () => value('GET', `/v1.24/images/${nano}/json`),
  'image-inspect-1.54': () => value('GET', `/v1.54/images/${nano}/json`),
  'image-list-1.24': () => value('GET', '/v1.24/images/json'),
  'image-list-1.54': () => value('GET', '/v1.54/images/json'),
  'image-history': () => value('GET', `/images/${nano}/history`),
  'network-inspect-1.44': () => value('GET', '/v1.44/networks/nat'),
  'network-inspect-1.54': () => value('GET', '/v1.54/networks/nat'),
  'volume-list': () => value('GET', '/volumes'),
  'disk-usage-1.44': () => value('GET', '/v1.44/system/df'),
  'disk-usage-1.54-verbose': () => value('GET', '/v1.54/system/df?verbose=1'),
  'events-1.44': () => events('1.44'),
  'events-1.54': () => events('1.54'),
  'error-not-found': () => value('GET', '/containers/nosuch/json'),
  'error-conflict': () => value('DELETE', '/containers/golden'),
  'error-wrong-type': () => value('POST', '/containers/create', { body: { Tty: 'yes' } }),
};

for (const [name, ask] of Object.entries(answers))
  test(`the shape of ${name} is the recorded one`, async () => {
    const path = join(findRepository(), 'test/fixtures/api', `${name}.json`);
    const shown = `${JSON.stringify(steady(await ask()), undefined, 2)}\n`;
    if (process.env['WINDOWBOX_WRITE_GOLDEN'] === '1') await writeFile(path, shown);
    assert.equal(shown, await readFile(path, 'utf8'));
  });

test('create warns of limits that are taken and not enforced', async () => {
  const body = { Image: nano, HostConfig: { IOMaximumBandwidth: 1024, StorageOpt: { size: '20G' } } };
  const { Warnings } = (await value('POST', '/containers/create?name=unlimited', { body })) as { Warnings: string[] };
  assert.deepEqual(
    Warnings.map((warning) => warning.split(' ')[0]),
    ['IOMaximumBandwidth', 'StorageOpt'],
  );
});

async function value(method: string, target: string, options: { readonly body?: unknown } = {}): Promise<unknown> {
  const reply = await inject(daemon.app, method, target, options);
  return reply.kind === 'json' ? reply.value : undefined;
}

async function events(version: string): Promise<unknown> {
  const until = String(Date.now() / 1000);
  const reply = await inject(
    daemon.app,
    'GET',
    `/v${version}/events?since=1&until=${until}&filters={"event":["start","create"]}`,
  );
  assert.equal(reply.kind, 'stream');
  let text = '';
  if (reply.kind === 'stream') for await (const chunk of reply.chunks) text += String(chunk);
  const lines = text.trim().split('\n');
  assert.match(lines[0] ?? '', /"timeNano":\d{19}\}$/u);
  return lines.map((line): unknown => JSON.parse(line));
}

/** Ids, times, paths and sizes replaced. */
function steady(input: unknown, key = ''): unknown {
  if (Array.isArray(input)) return input.map((item) => steady(item, key));
  if (typeof input === 'object' && input !== null)
    return Object.fromEntries(Object.entries(input).map(([name, inner]) => [steadyText(name), steady(inner, name)]));
  if (typeof input === 'string') return steadyText(input);
  if (
    typeof input === 'number' &&
    ['Created', 'time', 'timeNano', 'total_usage', 'usage_in_kernelmode', 'usage_in_usermode'].includes(key)
  )
    return 0;
  return input;
}

function steadyText(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{64}\b/gu, '<id>')
    .replaceAll(/^[0-9a-f]{12}$/gu, '<short id>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/gu, (time) =>
      /^(?:0001|1970)/u.test(time) ? time : '<time>',
    )
    .replaceAll(/\/tmp\/windowbox-api-\w+/gu, '<folder>')
    .replaceAll(/Up (?:Less than a second|\d+ seconds?|1 second)/gu, 'Up <while>');
}
