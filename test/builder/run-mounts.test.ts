import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isErrorCode } from '../../src/errors/index.js';
import { runCommand } from '../../src/platform/index.js';
import { build, openWorld, type World } from '../helpers/build-world.js';

const from = 'FROM mcr.microsoft.com/windows/nanoserver:20348\n';

/** What the last step was given: targets, and what was in them. */
function watch(world: World): { readonly seen: Map<string, string> } {
  const seen = new Map<string, string>();
  world.act = ({ mounts, secretEnv }) => {
    for (const { source, target, readOnly } of mounts) {
      const content = statSync(source).isDirectory() ? readdirSync(source).sort().join() : readFileSync(source, 'utf8');
      seen.set(target, `${readOnly ? 'ro' : 'rw'} ${content}`);
    }
    for (const entry of secretEnv) seen.set('env', entry);
  };
  return { seen };
}

test('a bind shows the context or a stage, and a step is done anew when what is in it has changed', async () => {
  const world = await openWorld();
  const { seen } = watch(world);
  const dockerfile = `${from.trim()} AS tool\nCOPY a.txt C:/Tools/\n${from}RUN --mount=target=C:/ctx --mount=from=tool,source=/TOOLS/a.txt,target=t.txt go`;
  await build(world, dockerfile, { files: { 'a.txt': 'one' } });
  assert.deepEqual(
    [...seen],
    [
      ['C:\\ctx', 'ro Dockerfile,a.txt'],
      ['C:\\t.txt', 'ro one'],
    ],
  );
  await build(world, dockerfile, { files: { 'a.txt': 'one' } });
  assert.equal(world.ran.length, 1, 'from the cache');
  await build(world, dockerfile, { files: { 'a.txt': 'two' } });
  assert.equal(seen.get('C:\\t.txt'), 'ro two');
  world.store.close();
});

test('what a step writes to a bind is thrown away', async () => {
  const world = await openWorld();
  world.act = ({ mounts, commandLine }) => {
    const folder = mounts[0]?.source ?? '';
    if (commandLine.endsWith('first')) writeFileSync(join(folder, 'a.txt'), 'changed');
    else assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'one');
  };
  await build(world, `${from}RUN --mount=target=C:/c,rw first\nRUN --mount=target=C:/c second`, {
    files: { 'a.txt': 'one' },
  });
  assert.equal(world.ran.length, 2);
  world.store.close();
});

test('a cache keeps its files from build to build, is listed, and goes with a prune', async () => {
  const world = await openWorld();
  const { caches } = world.host.state;
  const found: string[][] = [];
  world.act = ({ mounts: [mount] }) => {
    found.push(readdirSync(mount?.source ?? ''));
    writeFileSync(join(mount?.source ?? '', `file${String(found.length)}`), 'x');
  };
  const dockerfile = `${from}RUN --mount=type=cache,id=packages,target=C:/cache go`;
  await build(world, dockerfile);
  await build(world, dockerfile, { noCache: true });
  assert.deepEqual(found, [[], ['file1']]);
  const [cache] = await caches.list();
  assert.match(cache?.description ?? '', /C:\\cache with id "packages"/u);
  assert.deepEqual([cache?.size, cache?.inUse, cache?.usageCount], [2, false, 2]);
  assert.deepEqual(await caches.prune({ filters: { until: ['1h'] }, keep: 0 }), { ids: [], reclaimed: 0 });
  assert.equal((await caches.prune({ filters: {}, keep: 100 })).ids.length, 0);
  assert.deepEqual(await caches.prune({ filters: {}, keep: 0 }), { ids: [cache?.id], reclaimed: 2 });
  await build(world, dockerfile, { noCache: true });
  assert.deepEqual(found.at(-1), []);
  world.store.close();
});

test('a locked cache is used by one step at a time, a private one never by two, a shared one by all', async () => {
  const { host } = await openWorld();
  const { caches } = host.state;
  const request = { key: 'k', description: '', signal: new AbortController().signal };
  const first = await caches.take({ ...request, sharing: 'locked' });
  let second = '';
  const waiting = caches.take({ ...request, sharing: 'locked' }).then((taken) => {
    second = taken.folder;
    taken.release();
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(second, '', 'it waits');
  first.release();
  await waiting;
  assert.equal(second, first.folder);
  const [one, two] = [
    await caches.take({ ...request, sharing: 'private' }),
    await caches.take({ ...request, sharing: 'private' }),
  ];
  assert.notEqual(one.folder, two.folder);
  one.release();
  two.release();
  const [three, four] = [
    await caches.take({ ...request, sharing: 'shared' }),
    await caches.take({ ...request, sharing: 'shared' }),
  ];
  assert.equal(three.folder, four.folder);
  assert.equal((await caches.prune({ filters: {}, keep: 0 })).ids.includes(three.folder.replace(/^.*\//u, '')), false);
});

test('whoever waits for a locked cache stops waiting when the build is cancelled', async () => {
  const { host } = await openWorld();
  const cancel = new AbortController();
  const request = { key: 'k', description: '', sharing: 'locked', signal: cancel.signal } as const;
  await host.state.caches.take(request);
  const waiting = host.state.caches.take(request);
  cancel.abort();
  await assert.rejects(waiting, (error) => isErrorCode(error, 'cancelled'));
});

test('a secret is in memory and in no image, history or cache key; one that is required and missing names the line', async () => {
  const world = await openWorld();
  const { seen } = watch(world);
  let path = '';
  const { act } = world;
  world.act = async (request) => {
    await act(request);
    path = request.mounts[0]?.source ?? '';
    if (path === '') return;
    const { stdout } = await runCommand('stat', ['-f', '-c', '%T', path], { timeoutMs: 10_000 });
    assert.match(stdout, /ramfs/u);
  };
  const dockerfile = `${from}RUN --mount=type=secret,id=t --mount=type=secret,id=t,env=T go`;
  const { ids } = await build(world, dockerfile, { secrets: new Map([['t', Buffer.from('hush')]]) });
  assert.deepEqual(
    [...seen],
    [
      ['C:\\run\\secrets\\t', 'ro hush'],
      ['env', 'T=hush'],
    ],
  );
  assert.equal(existsSync(path), false, 'gone after the step');
  assert.doesNotMatch(JSON.stringify((await world.store.inspect(ids[0] ?? '')).config), /hush/u);
  assert.doesNotMatch(world.ran.join(), /hush/u);
  await build(world, dockerfile, { secrets: new Map([['t', Buffer.from('other')]]) });
  assert.equal(world.ran.length, 1, 'another secret is no other step');
  await build(world, `${from}RUN --mount=type=secret,id=none go`);
  await assert.rejects(
    build(world, `${from}\nRUN --mount=type=secret,id=none,required go`),
    /^WindowboxError: secret none: not found \(line 3 of the Dockerfile requires it\)$/u,
  );
  world.store.close();
});

test('a mount of nothing, of a link, and of what Windows lacks fail with the line', async () => {
  const world = await openWorld();
  const rows: readonly [string, RegExp][] = [
    ['target=C:/a,source=none', /on line 2: none: file not found in build context/u],
    ['target=C:/a,source=x,from=mcr.microsoft.com/windows/nanoserver:20348', /on line 2: x: file not found in "mcr/u],
    ['type=tmpfs,target=C:/a', /parse error on line 2: mount type "tmpfs"/u],
  ];
  for (const [mount, message] of rows)
    await assert.rejects(build(world, `${from}RUN --mount=${mount} go`), (error) => {
      assert.match(String(error), message);
      return true;
    });
  await assert.rejects(
    build(world, `${from}RUN --mount=target=C:/a --mount=type=cache,target=c:/A go`),
    /line 2: duplicate mount target/u,
  );
  await assert.rejects(build(world, `${from}RUN --network=host go`), /line 2: network "host" is not there/u);
  world.store.close();
});
