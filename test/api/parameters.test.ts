import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import * as schemas from '../../src/docker-api/index.js';
import { inject } from '../helpers/inject.js';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

/**
 * Every parameter that a route reads, learned from the route itself, and every field of every body, learned from its schema, with
 * values that mean nothing there: never a 500, never a bug. `fuzz.test.ts` finds what only comes of several together.
 */
const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';
const oddTexts = [
  '',
  '0',
  '1',
  '-1',
  'true',
  '1e400',
  '99999999999999999999',
  'C:\\',
  '{"a":{"b":true}}',
  '[1]',
  '{',
  '\0é',
];
const oddValues = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  '',
  'x',
  'C:\\x',
  [],
  [null],
  [[]],
  ['a'],
  {},
  { a: null },
  { a: { a: 1 } },
];

let daemon: TestDaemon;
let bugs = 0;
/** What the test that runs has found. */
let wrong: string[] = [];
beforeEach(() => {
  wrong = [];
});
before(async () => {
  daemon = await startTestDaemon();
});
after(() => daemon.close());

test('each query parameter of each route takes any text without a 500', { timeout: 240_000 }, async () => {
  let asked = 0;
  for (const { method, path, hijack } of daemon.app.routes) {
    if (hijack === 'websocket') continue;
    const target = path.replaceAll(/\{\w+(?::\.\*)?\}/gu, 'subject');
    for (const name of await parametersOf(method, target))
      for (const value of oddTexts) {
        asked += 1;
        await statusOf(method, target, { query: new URLSearchParams([[name, value]]) });
      }
  }
  assert.deepEqual(wrong, []);
  assert.ok(asked > 1000, `only ${String(asked)} requests: the parameters were not found`);
});

test('what is learned of a route is what it documents', async () => {
  const logs = await parametersOf('GET', '/containers/subject/logs');
  for (const name of ['follow', 'stdout', 'stderr', 'since', 'until', 'timestamps', 'tail'])
    assert.ok(logs.includes(name), `${name} is not in ${logs.join(', ')}`);
});

const bodies: readonly (readonly [route: string, schema: unknown, good: Record<string, unknown>])[] = [
  ['POST /containers/create', schemas.createContainerSchema, { Image: nano, Cmd: ['cmd'] }],
  ['POST /containers/subject/update', schemas.updateContainerSchema, {}],
  ['POST /containers/subject/exec', schemas.createExecSchema, { Cmd: ['cmd'] }],
  ['POST /networks/create', schemas.createNetworkSchema, { Name: 'n' }],
  ['POST /networks/nat/connect', schemas.connectNetworkSchema, { Container: 'subject' }],
  ['POST /networks/nat/disconnect', schemas.disconnectNetworkSchema, { Container: 'subject' }],
  ['POST /volumes/create', schemas.createVolumeSchema, { Name: 'volume' }],
  // Of no container: each commit would cost half a second.
  ['POST /commit?container=nosuch', schemas.configSchema, {}],
  ['POST /auth', schemas.authSchema, { username: 'u', password: 'p', serveraddress: '127.0.0.1:1' }],
];
for (const [route, schema, good] of bodies)
  test(
    `each field of the body of ${route} takes any value without a 500, and null as absent`,
    { timeout: 240_000 },
    async () => {
      const [method = '', target = ''] = route.split(' ');
      // An address would be asked, over the network.
      const fields = fieldsOf(schema).filter(([name]) => name !== 'serveraddress');
      assert.ok(fields.length > 1, 'the schema was not understood');
      for (const field of fields) {
        if (await isGone()) await makeSubject();
        for (const value of oddValues) await statusOf(method, target, { body: withValue(good, field, value) });
        // In a list or a map, null is a zero value that is there.
        if (['0', 'a'].includes(field.at(-1) ?? '')) continue;
        const absent = await statusOf(method, target, { body: withValue(good, field, undefined) });
        const none = await statusOf(method, target, { body: withValue(good, field, null) });
        if (none !== absent) wrong.push(`${field.join('.')}: null is ${String(none)}, absent ${String(absent)}`);
      }
      assert.deepEqual(wrong, []);
    },
  );

async function isGone(): Promise<boolean> {
  return (await statusOf('GET', '/containers/subject/json')) === 404;
}

async function makeSubject(): Promise<void> {
  await statusOf('POST', '/containers/create?name=subject', { body: { Image: nano, Cmd: ['cmd', '/c', 'wait 600'] } });
  await statusOf('POST', '/containers/subject/start');
}

/** Names that the route asks for: of nothing, then with each of the names that it has asked for so far. */
async function parametersOf(method: string, target: string): Promise<readonly string[]> {
  const names = new Set<string>();
  for (let before = -1; before < names.size;) {
    before = names.size;
    for (const value of ['', '1']) {
      if (await isGone()) await makeSubject();
      await statusOf(method, target, {
        query: new Recorder(
          names,
          [...names].map((name): [string, string] => [name, value]),
        ),
      });
    }
  }
  return [...names];
}

class Recorder extends URLSearchParams {
  readonly #names: Set<string>;
  constructor(names: Set<string>, pairs: [string, string][]) {
    super(pairs);
    this.#names = names;
  }
  override get(name: string): string | null {
    this.#names.add(name);
    return super.get(name);
  }
  override getAll(name: string): string[] {
    this.#names.add(name);
    return super.getAll(name);
  }
  override has(name: string): boolean {
    this.#names.add(name);
    return super.has(name);
  }
}

/** Paths to all fields of a schema; an item of a list is `0`, a value of a map `a`. */
function fieldsOf(schema: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  const here = path.length === 0 ? [] : [path];
  const inner = (value: unknown, ...more: readonly string[]): readonly (readonly string[])[] =>
    fieldsOf(value, [...path, ...more]);
  if (typeof schema !== 'object' || schema === null) return here;
  if ('entries' in schema && typeof schema.entries === 'object' && schema.entries !== null)
    return [...here, ...Object.entries(schema.entries).flatMap(([name, value]) => inner(value, name))];
  if ('pipe' in schema && Array.isArray(schema.pipe)) {
    const found = schema.pipe.flatMap((part: unknown) => inner(part));
    return unique([...here, ...found]);
  }
  if ('wrapped' in schema) return unique([...here, ...inner(schema.wrapped)]);
  if ('item' in schema) return [...here, ...inner(schema.item, '0')];
  if ('value' in schema && 'key' in schema) return [...here, ...inner(schema.value, 'a')];
  return here;
}

function unique(paths: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [...new Map(paths.map((path) => [path.join('\0'), path])).values()];
}

/** A copy with the value at the path; what is on the way there is made. */
function withValue(body: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (name === '0') return [withValue(undefined, rest, value)];
  const fields = typeof body === 'object' && body !== null ? { ...body } : {};
  const known: unknown = Object.entries(fields).find(([key]) => key === name)?.[1];
  return { ...fields, [name]: withValue(known, rest, value) };
}

async function statusOf(
  method: string,
  target: string,
  options: { readonly body?: unknown; readonly query?: URLSearchParams } = {},
): Promise<number> {
  const gone = new AbortController();
  const timer = setTimeout(() => gone.abort(), 50);
  const reply = await inject(daemon.app, method, target, { ...options, signal: gone.signal });
  if (reply.kind === 'stream') for await (const _chunk of reply.chunks) if (gone.signal.aborted) break;
  clearTimeout(timer);
  const about = `${method} ${target}?${options.query?.toString() ?? ''} ${JSON.stringify(options.body)}`;
  const isBug = daemon.errors.length > bugs;
  bugs = daemon.errors.length;
  const status = reply.kind === 'hijack' ? 101 : (reply.status ?? 200);
  if (reply.kind === 'hijack') reply.abandon();
  if (isBug || status === 500)
    wrong.push(`${about}: ${JSON.stringify(isBug ? daemon.errors.at(-1) : reply).slice(0, 300)}`);
  return status;
}
