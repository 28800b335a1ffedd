import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { WindowboxError } from '../../src/errors/index.js';
import { tarEnd, tarHeader } from '../../src/platform/index.js';
import { build, openWorld, read, type World } from '../helpers/build-world.js';
import { listedClient, type ListedClientOptions } from '../helpers/listed-client.js';

const from = 'FROM mcr.microsoft.com/windows/nanoserver:20348\n';

async function buildListed(
  world: World,
  files: Readonly<Record<string, string>>,
  more: ListedClientOptions & { readonly signal?: AbortSignal; readonly platform?: string } = {},
): Promise<{ id: string; asked: readonly (readonly string[])[]; said: string }> {
  const { signal, platform, ...options } = more;
  const client = listedClient(files, options);
  const request = { ...(signal ? { signal } : {}), ...(platform === undefined ? {} : { platform }) };
  const { ids, said } = await build(world, '', { context: client.context, say: client.say, ...request });
  assert.ok(client.isDone(), 'the client was not told that nothing more is wanted');
  return { id: ids[0] ?? '', asked: client.asked, said };
}

test('each step asks at once for what it takes, each file comes once, and what no step takes never comes', async () => {
  const world = await openWorld();
  const files = {
    Dockerfile: `${from}COPY in C:/in/\nCOPY in/a.txt b.txt C:/more/\nADD b.txt C:/added.txt\n`,
    '.dockerignore': '# nothing',
    'in/a.txt': 'a',
    'in/sub/c.txt': 'c',
    'in/empty.txt': '',
    'in/link': '-> a.txt',
    'b.txt': 'b',
    'never.txt': 'never',
  };
  const { id, asked } = await buildListed(world, files);
  assert.deepEqual(asked, [['Dockerfile', '.dockerignore'], ['in/a.txt', 'in/sub/c.txt'], ['b.txt']]);
  assert.equal(await read(world, id, 'in/sub/c.txt'), 'c');
  assert.equal(await read(world, id, 'in/empty.txt'), '');
  assert.equal(await read(world, id, 'more/b.txt'), 'b');
  assert.equal(await read(world, id, 'added.txt'), 'b');
});

test('a folder that is listed and one that is sent whole give the same image', async () => {
  const files = { Dockerfile: `${from}COPY --exclude=*.log *.txt d C:/app/\n`, 'a.txt': 'a', 'x.log': 'x', 'd/e': 'e' };
  const world = await openWorld();
  const whole = await build(world, files.Dockerfile, { files });
  assert.match((await buildListed(world, files)).said, /Using cache/u);
  assert.equal((await buildListed(world, files)).id, whole.ids[0]);
});

test('of an unchanged folder nothing is asked for, after one change that file, and also when only digests were kept', async () => {
  const world = await openWorld();
  const files = { Dockerfile: `${from}COPY in C:/in/\n`, 'in/a.txt': 'a', 'in/b.txt': 'b' };
  const first = await buildListed(world, files);
  assert.equal(first.asked.length, 2);
  const second = await buildListed(world, files);
  assert.deepEqual(second.asked, []);
  assert.equal(second.id, first.id);
  const third = await buildListed(world, { ...files, 'in/b.txt': 'B' });
  assert.deepEqual(third.asked, [['in/b.txt']]);
  assert.equal(await read(world, third.id, 'in/a.txt'), 'a');
  assert.equal(await read(world, third.id, 'in/b.txt'), 'B');
  assert.ok(world.host.state.spools.clear() > 0);
  assert.deepEqual((await buildListed(world, { ...files, 'in/b.txt': 'B' })).asked, [['Dockerfile']]);
  world.host.state.spools.clear();
  // The change first, for the cache; the layer then needs the other.
  const last = await buildListed(world, { ...files, 'in/b.txt': 'b2' });
  assert.deepEqual(last.asked, [['Dockerfile'], ['in/b.txt'], ['in/a.txt']]);
  assert.equal(await read(world, last.id, 'in/a.txt'), 'a');
});

test('a file without a stamp, one of another key, and one whose stamp is another are asked for again', async () => {
  const world = await openWorld();
  const files = { Dockerfile: `${from}COPY a.txt C:/a.txt\n`, 'a.txt': 'a' };
  const whole = [['Dockerfile'], ['a.txt']];
  assert.deepEqual((await buildListed(world, files, { stamp: () => '' })).asked, whole);
  assert.deepEqual((await buildListed(world, files, { stamp: () => '1' })).asked, whole);
  assert.deepEqual((await buildListed(world, files, { stamp: () => '2' })).asked, whole);
  assert.deepEqual((await buildListed(world, files, { stamp: () => '2', key: 'other' })).asked, whole);
  assert.deepEqual((await buildListed(world, files, { stamp: () => '2' })).asked, []);
  // Without a key nothing is remembered.
  await buildListed(world, files, { key: '' });
  assert.deepEqual((await buildListed(world, files, { key: '' })).asked, whole);
});

test('a file that is no more what its stamp said fails the build with what to do, and the next build takes it as it is', async () => {
  const world = await openWorld();
  const stamp = (path: string, content: string): string => (path === 'a.txt' ? 'same' : content);
  const copy = (to: string): string => `${from}COPY a.txt C:/${to}\n`;
  await buildListed(world, { Dockerfile: copy('one'), 'a.txt': 'old' }, { stamp });
  const changed = { Dockerfile: copy('two'), 'a.txt': 'new' };
  world.host.state.spools.clear();
  await assert.rejects(
    buildListed(world, changed, { stamp }),
    (error) =>
      error instanceof WindowboxError &&
      error.code === 'conflict' &&
      error.message === 'Cannot use "a.txt": it changed while the build ran' &&
      error.hint === 'Run the build again.',
  );
  const again = await buildListed(world, changed, { stamp });
  assert.equal(await read(world, again.id, 'two'), 'new');
});

test('a file of another size, one that was not asked for, and an early end are refused', async () => {
  const world = await openWorld();
  const files = { Dockerfile: `${from}COPY a.txt b.txt C:/in/\n`, 'a.txt': 'a', 'b.txt': 'b' };
  const sent = (of: string, instead: readonly (readonly [string, string])[]): ListedClientOptions => ({
    key: of,
    send: (path, content) => (path === of ? instead : [[path, content]]),
  });
  await assert.rejects(buildListed(world, files, sent('b.txt', [['b.txt', 'longer']])), /"b.txt": it changed while/u);
  await assert.rejects(buildListed(world, files, sent('a.txt', [['x', 'a']])), /sent "x", which was not asked for/u);
  const early = listedClient(files, { key: 'early' });
  assert.ok(early.context.type === 'listing');
  const contents = (async function* end(): AsyncGenerator<Uint8Array> {
    yield tarEnd;
  })();
  const context = { type: 'listing', listing: { ...early.context.listing, contents } } as const;
  await assert.rejects(build(world, '', { context }), /"Dockerfile" from the client: the client ended before/u);
});

test('stages that are built at the same time ask one after the other, and for what both take once', async () => {
  const world = await openWorld();
  const dockerfile = `${from.replace('\n', ' AS one\n')}COPY in C:/in/\n${from}COPY in C:/other/\nCOPY b.txt C:/\nCOPY --from=one /in C:/in/\n`;
  const { id, asked } = await buildListed(world, { Dockerfile: dockerfile, 'in/a.txt': 'a', 'b.txt': 'b' });
  assert.deepEqual(asked.flat().toSorted(), ['Dockerfile', 'b.txt', 'in/a.txt']);
  assert.equal(await read(world, id, 'in/a.txt'), 'a');
  const two = 'windows(10.0.17763)/amd64,windows(10.0.20348)/amd64';
  const five = await buildListed(world, { Dockerfile: `${from}COPY in C:/i/\n`, 'in/a.txt': 'A' }, { platform: two });
  assert.deepEqual(five.asked.flat().toSorted(), ['Dockerfile', 'in/a.txt']);
});

test('a folder that a RUN mounts comes as a whole, and nothing beside it', async () => {
  const world = await openWorld();
  let seen = '';
  world.act = ({ mounts }) => {
    seen = readdirSync(mounts[0]?.source ?? '').join();
  };
  const dockerfile = `${from}RUN --mount=type=bind,source=in,target=C:/m build\n`;
  const files = { Dockerfile: dockerfile, 'in/a.txt': 'a', 'in/b.txt': 'b', 'c.txt': 'c' };
  const { asked } = await buildListed(world, files);
  assert.deepEqual(asked, [['Dockerfile'], ['in/a.txt', 'in/b.txt']]);
  assert.equal(seen, 'a.txt,b.txt');
  assert.deepEqual((await buildListed(world, files)).asked, []);
  assert.deepEqual(readdirSync(world.host.state.work), []);
});

test('before a command runs all comes that a later step may take, so that who edits a file meanwhile changes the next build alone', async () => {
  const world = await openWorld();
  const asked: string[] = [];
  const files = {
    Dockerfile: `${from}COPY first.txt C:/\nRUN build\nCOPY --exclude=*.log in/*.txt ./b.txt C:/in/\nRUN --mount=source=m,target=C:/m build\n`,
    'first.txt': '1',
    'in/a.txt': 'a',
    'b.txt': 'b',
    'm/c.txt': 'c',
    'never.txt': 'never',
  };
  const client = listedClient(files);
  world.act = () => {
    asked.push(client.asked.flat().join());
  };
  await build(world, '', { context: client.context, say: client.say });
  assert.deepEqual(asked[0], 'Dockerfile,first.txt,in/a.txt,b.txt,m/c.txt');
  const variable = listedClient({ ...files, Dockerfile: `${from}ARG X=in\nRUN other\nCOPY $X C:/in/\n` });
  await build(world, '', { context: variable.context, say: variable.say });
  assert.deepEqual(variable.asked.flat().toSorted(), ['Dockerfile', 'never.txt']);
});

test('a client that goes away while a file is waited for ends the build, and nothing stays of it', async () => {
  const world = await openWorld();
  const gone = new WindowboxError('cancelled', "Cannot read the request's body: the client has gone");
  const client = listedClient({ Dockerfile: `${from}COPY a.txt C:/\n`, 'a.txt': 'a' });
  assert.ok(client.context.type === 'listing');
  const { listing } = client.context;
  const contents = (async function* broken(): AsyncGenerator<Uint8Array> {
    for await (const piece of listing.contents) {
      if (client.asked.length > 1) throw gone;
      yield piece;
    }
  })();
  const context = { type: 'listing', listing: { ...listing, contents } } as const;
  await assert.rejects(build(world, '', { context, say: client.say }), (error) => error === gone);
  assert.ok(client.isDone());
  assert.deepEqual(readdirSync(world.host.state.work), []);
});

test('a list with a path that leads out is refused, like such an archive', async () => {
  const world = await openWorld();
  await assert.rejects(buildListed(world, { Dockerfile: from, '../x': 'x' }), /leads out of its folder/u);
  await assert.rejects(buildListed(world, { a: 'a' }), /Cannot locate specified Dockerfile: Dockerfile/u);
  const tar = (async function* tar(): AsyncGenerator<Uint8Array> {
    yield tarHeader({ name: '../x', type: 'file', size: 0 });
    yield tarEnd;
  })();
  await assert.rejects(build(world, '', { context: { type: 'tar', bytes: tar } }), /leads out of its folder/u);
});

test('a damaged record is as none, and pruning forgets all', async () => {
  const world = await openWorld();
  const files = { Dockerfile: `${from}COPY a.txt C:/a.txt\n`, 'a.txt': 'a' };
  await buildListed(world, files);
  const folder = join(world.host.state.work, '../contexts');
  const [name = ''] = readdirSync(folder);
  writeFileSync(join(folder, name), 'damaged');
  assert.deepEqual((await buildListed(world, files)).asked, [['Dockerfile'], ['a.txt']]);
  assert.deepEqual((await buildListed(world, files)).asked, []);
  assert.ok((await world.host.state.contexts.clear()) > 0);
  assert.deepEqual(readdirSync(folder), []);
  assert.deepEqual((await buildListed(world, files)).asked, [['Dockerfile'], ['a.txt']]);
});
