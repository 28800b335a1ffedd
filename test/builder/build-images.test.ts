import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build, openWorld, read } from '../helpers/build-world.js';

const from = 'FROM mcr.microsoft.com/windows/nanoserver:20348\n';

test('a build speaks as the classic builder does, and its second run comes from the cache', async () => {
  const world = await openWorld();
  const dockerfile = `${from}COPY a.txt C:/App/\nRUN do it\nCMD app.exe`;
  const first = await build(world, dockerfile, { files: { 'a.txt': 'a' }, tags: ['app:1'] });
  const [id = ''] = first.ids;
  const lines = first.said.split('\n').map((line) => line.replaceAll(/[0-9a-f]{12}/gu, 'ID'));
  assert.deepEqual(lines, [
    'Step 1/4 : FROM mcr.microsoft.com/windows/nanoserver:20348',
    ' ---> ID',
    'Step 2/4 : COPY a.txt C:/App/',
    ' ---> ID',
    'Step 3/4 : RUN do it',
    ' ---> Running in cccccccccccc'.replaceAll(/[0-9a-f]{12}/gu, 'ID'),
    'output',
    'Removing intermediate container ID',
    ' ---> ID',
    'Step 4/4 : CMD app.exe',
    ' ---> ID',
    'Successfully built ID',
    'Successfully tagged app:1',
    '',
  ]);
  assert.equal(await read(world, id, 'App/a.txt'), 'a');
  const { config } = await world.store.inspect('app:1');
  assert.deepEqual(config.config?.Cmd, ['cmd /S /C app.exe']);
  assert.equal(config.config?.ArgsEscaped, true);

  const again = await build(world, dockerfile, { files: { 'a.txt': 'a' } });
  assert.deepEqual(again.ids, first.ids);
  assert.equal(again.said.match(/Using cache/gu)?.length, 3);
  await build(world, dockerfile, { files: { 'a.txt': 'changed' } });
  assert.equal(world.ran.length, 2);
  world.store.close();
});

test('arguments reach RUN and FROM, belong to the cache, and one that nobody takes is named', async () => {
  const world = await openWorld();
  const dockerfile = 'ARG TAG=1\nFROM mcr.microsoft.com/windows/nanoserver:$TAG\nARG A=x\nENV B=$A\nRUN go %A%';
  const request = { buildArguments: { TAG: '20348', A: 'y', NOBODY: 'z' } };
  const { said, ids } = await build(world, dockerfile, request);
  assert.deepEqual(world.ran, ['cmd /S /C go %A% [A=y B=y]']);
  assert.match(said, /\[Warning\] One or more build-args \[NOBODY\] were not consumed/u);
  assert.equal((await world.store.inspect(ids[0] ?? '')).config['os.version'], '10.0.20348.1');
  await build(world, dockerfile, { buildArguments: { TAG: '20348', A: 'other' } });
  assert.equal(world.ran.length, 2);
  world.store.close();
});

test('the version that is built for is the one that was asked for, or that of the base', async () => {
  const world = await openWorld();
  const dockerfile = `${from}ARG TARGETOSVERSION\nRUN x`;
  await build(world, dockerfile);
  await build(world, dockerfile, { platform: 'windows(10.0.17763)/amd64' });
  assert.deepEqual(world.ran, ['cmd /S /C x [TARGETOSVERSION=10.0.20348]', 'cmd /S /C x [TARGETOSVERSION=10.0.17763]']);
  world.store.close();
});

test('stages copy from each other without regard to case, and a target ends the build', async () => {
  const world = await openWorld();
  const dockerfile = `${from.trim()} AS first\nCOPY a.txt C:/Out/\n${from.trim()} AS second\nCOPY --from=FIRST C:/OUT/A.TXT c:/b.txt\nRUN last`;
  const { ids } = await build(world, dockerfile, { files: { 'a.txt': 'a' } });
  assert.equal(await read(world, ids[0] ?? '', 'b.txt'), 'a');
  const target = await build(world, dockerfile, { files: { 'a.txt': 'a' }, target: 'first' });
  assert.match(target.said, /^Step 1\/2 /u);
  await assert.rejects(
    build(world, dockerfile, { target: 'third' }),
    /failed to reach build target third in Dockerfile/u,
  );
  world.store.close();
});

test('a step is as large as the files that it wrote, and an image as its steps', async () => {
  const world = await openWorld();
  const { ids } = await build(world, `${from}COPY a.txt b.txt C:/some/folder/\nENV A=1`, {
    files: { 'a.txt': 'four', 'b.txt': 'seven..' },
  });
  const [id = ''] = ids;
  assert.deepEqual(
    (await world.store.history(id)).slice(0, 2).map(({ size }) => size),
    [0, 11],
  );
  assert.equal((await world.store.inspect(id)).size, 11);
  world.store.close();
});

test('an image with triggers runs them in the next build', async () => {
  const world = await openWorld();
  await build(world, `${from}ONBUILD RUN trigger`, { tags: ['parent'] });
  const { said, ids } = await build(world, 'FROM parent\nLABEL a=b');
  assert.match(said, /# Executing 1 build trigger\n/u);
  assert.deepEqual(world.ran, ['cmd /S /C trigger []']);
  const { config } = await world.store.inspect(ids[0] ?? '');
  assert.equal(config.config?.OnBuild ?? null, null);
  assert.equal(config.config?.Labels?.['a'], 'b');
  world.store.close();
});

test('several platforms give one name with a build for each', async () => {
  const world = await openWorld();
  const platform = 'windows(10.0.17763)/amd64,windows(10.0.20348)/amd64';
  const { ids } = await build(world, `${from}COPY a.txt C:/`, { platform, tags: ['many:1'], files: { 'a.txt': 'a' } });
  const versions = await Promise.all(ids.map(async (id) => (await world.store.inspect(id)).config['os.version']));
  assert.deepEqual(versions, ['10.0.17763.1', '10.0.20348.1']);
  const files = await Promise.all(
    ids.map(async (id) => statSync(join((await world.store.layersOf(id))[0] ?? '', 'drive_c/a.txt')).ino),
  );
  assert.equal(files[0], files[1], 'the files are on the disk once');
  world.store.close();
});

test('limits of a build are those of the containers that its commands run in', async () => {
  const world = await openWorld();
  const seen: unknown[] = [];
  world.act = ({ memory, cpuShares, isolation }) => {
    seen.push({ memory, cpuShares, isolation });
  };
  await build(world, `${from}RUN a`, { memory: 1 << 30, cpuShares: 500, isolation: 'hyperv' });
  assert.deepEqual(seen, [{ memory: 1 << 30, cpuShares: 500, isolation: 'hyperv' }]);
  world.store.close();
});

test('a step for a build that the client named is not judged by the presented host', async () => {
  const world = await openWorld();
  const judged: boolean[] = [];
  world.act = ({ anyHost }) => {
    judged.push(!anyHost);
  };
  await build(world, `${from}RUN a`);
  await build(world, `${from}RUN b`, { platform: 'windows/amd64' });
  await build(world, `${from}RUN c`, { platform: 'windows(10.0.17763)/amd64' });
  assert.deepEqual(judged, [true, true, false]);
  world.store.close();
});

test('with SOURCE_DATE_EPOCH the same input gives the same image', async () => {
  const dockerfile = `${from}WORKDIR C:/app\nCOPY a.txt .\nENV A=1`;
  const request = { files: { 'a.txt': 'a' }, buildArguments: { SOURCE_DATE_EPOCH: '1700000000' } };
  const [one, two] = [await openWorld(), await openWorld()];
  const first = await build(one, dockerfile, request);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.deepEqual((await build(two, dockerfile, request)).ids, first.ids);
  one.store.close();
  two.store.close();
});

const failing: readonly [string, string, RegExp][] = [
  ['a command that fails', `${from}RUN exit 3`, /^The command 'cmd \/S \/C exit 3' returned a non-zero code: 3$/u],
  [
    'a file that is not there',
    `${from}COPY none.txt C:/`,
    /^COPY failed: file not found in build context or excluded by \.dockerignore: stat none\.txt: file does not exist$/u,
  ],
  ['no FROM', 'RUN x', /no build stage in current context/u],
  ['FROM scratch', 'FROM scratch', /^Windows does not support FROM scratch$/u],
  ['a file for many', `${from}COPY Dockerfile Dockerfile C:/x`, /destination must be a directory and end with a \/$/u],
  ['a name that Windows lacks', `${from}COPY Dockerfile C:/aux.txt`, /name of a device/u],
  [
    'a flag that the instruction does not know',
    `${from}RUN exit 3\nCOPY --unpack a C:/`,
    /^dockerfile parse error on line 3: unknown flag: unpack$/u,
  ],
  ['a flag of FROM that is none', 'FROM --mount=x y', /on line 1: unknown flag: mount$/u],
  ['a flag twice', `${from}COPY --from=a --from=b a C:/`, /on line 2: duplicate flag specified: from$/u],
  ['a flag without its value', `${from}COPY --from a C:/`, /on line 2: missing a value on flag: from$/u],
  ['a switch that is neither', `${from}COPY --link=perhaps a C:/`, /boolean value for flag link, not: perhaps$/u],
  [
    'an address that nobody answers at',
    `${from}ADD http://127.0.0.1:1/x C:/`,
    /^ADD failed: Cannot get "http:\/\/127\.0\.0\.1:1\/x": connect ECONNREFUSED 127\.0\.0\.1:1$|bad port$/u,
  ],
  ['an unknown image', 'FROM nothing:1', /^No such image: nothing:1$/u],
];
for (const [what, dockerfile, message] of failing)
  test(`a build with ${what} fails in the words of Docker`, async () => {
    const world = await openWorld();
    await assert.rejects(build(world, dockerfile), (error) => {
      assert.match(String(error instanceof Error ? error.message : error), message);
      return true;
    });
    world.store.close();
  });
