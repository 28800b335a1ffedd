import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isErrorCode } from '../../src/errors/index.js';
import { tarEnd, tarHeader, tarPadding } from '../../src/platform/index.js';
import { build, contextOf, openWorld, read } from '../helpers/build-world.js';

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

test('COPY takes folders, wildcards, heredocs and excludes; ADD unpacks archives', async () => {
  const world = await openWorld();
  const tar: Uint8Array[] = [];
  for await (const piece of contextOf({ 'in/x.txt': 'x' })) tar.push(piece);
  const dockerfile = `${from}COPY *.txt src C:/all/\nCOPY --exclude=*.md src C:/less\nCOPY <<EOF C:/text.txt\nhello $NONE\nEOF\nADD a.tar.gz C:/un/\nCOPY one.txt C:/windows`;
  const files = {
    'one.txt': '1',
    'two.txt': '2',
    'src/a.md': 'm',
    'src/b.c': 'c',
    'no.log': '',
    '.dockerignore': 'two.txt',
    'a.tar.gz': gzipSync(Buffer.concat(tar)),
  };
  const { ids } = await build(world, dockerfile, { files });
  const [id = ''] = ids;
  assert.equal(await read(world, id, 'all/one.txt'), '1');
  assert.equal(await read(world, id, 'all/a.md'), 'm');
  await assert.rejects(read(world, id, 'all/two.txt'), /ENOENT/u);
  await assert.rejects(read(world, id, 'less/a.md'), /ENOENT/u);
  assert.equal(await read(world, id, 'less/b.c'), 'c');
  assert.equal(await read(world, id, 'text.txt'), 'hello \n');
  assert.equal(await read(world, id, 'un/in/x.txt'), 'x');
  assert.equal(await read(world, id, 'windows/one.txt'), '1', 'into a folder that is there');
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

test('COPY --parents keeps the folders on the way, all or those after the mark, and ** stands for any number', async () => {
  const world = await openWorld();
  const files = { 'x/a.txt': 'xa', 'y/a.txt': 'ya', 'y/z/q/b.txt': 'b', 'y/z/q/c.md': 'c' };
  const dockerfile = `${from}COPY --parents x/a.txt y/a.txt C:/all/\nCOPY --parents ./y/./z/q C:/some\nCOPY --parents **/*.txt C:/deep/\nCOPY --parents=false x/a.txt C:/plain/`;
  const { ids } = await build(
    world,
    `${dockerfile}\nFROM 0\nCOPY --from=0 --parents C:/deep/./Y/z C:/taken/`.replace('FROM 0', from.trim()),
    { files },
  );
  const [id = ''] = (await build(world, dockerfile, { files })).ids;
  assert.equal(await read(world, id, 'all/x/a.txt'), 'xa');
  assert.equal(await read(world, id, 'all/y/a.txt'), 'ya');
  assert.equal(await read(world, id, 'some/z/q/c.md'), 'c');
  assert.equal(await read(world, id, 'deep/y/z/q/b.txt'), 'b');
  await assert.rejects(read(world, id, 'deep/y/z/q/c.md'), /ENOENT/u);
  assert.equal(await read(world, id, 'plain/a.txt'), 'xa');
  assert.equal(await read(world, ids[0] ?? '', 'taken/y/z/q/b.txt'), 'b');
  world.store.close();
});

test('ADD --unpack says whether an archive is unpacked, and a checksum of what is no download is refused', async () => {
  const world = await openWorld();
  const tar: Uint8Array[] = [];
  for await (const piece of contextOf({ 'in/x.txt': 'x' })) tar.push(piece);
  const packed = gzipSync(Buffer.concat(tar));
  const server = createServer((_, answer) => answer.end(packed)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}/a.tar.gz`;
  const dockerfile = `${from}ADD --unpack=false a.tar.gz C:/kept/\nADD --unpack ${url} C:/un/\nADD ${url} C:/url/`;
  const [id = ''] = (await build(world, dockerfile, { files: { 'a.tar.gz': packed } })).ids;
  server.close();
  assert.equal(await read(world, id, 'un/in/x.txt'), 'x');
  assert.ok((await read(world, id, 'kept/a.tar.gz')).length > 0);
  assert.ok((await read(world, id, 'url/a.tar.gz')).length > 0);
  const checked = `${from}ADD --checksum=sha256:00 Dockerfile C:/`;
  await assert.rejects(build(world, checked), /checksum can't be specified for non-HTTP\(S\) sources$/u);
  world.store.close();
});

test('a second name of a file in the context is a file like the first, and stays when the first comes anew', async () => {
  const world = await openWorld();
  const dockerfile = `${from}COPY . C:/all/`;
  async function* context(target: string): AsyncGenerator<Uint8Array> {
    for await (const piece of contextOf({ Dockerfile: dockerfile, 'a.txt': 'one' })) if (piece !== tarEnd) yield piece;
    yield tarHeader({ name: 'b.txt', type: 'hardlink', linkName: target });
    yield* contextOf({ 'a.txt': 'two' });
  }
  const { ids } = await build(world, dockerfile, { ...({ context: context('a.txt') } as object) });
  assert.equal(await read(world, ids[0] ?? '', 'all/b.txt'), 'one');
  assert.equal(await read(world, ids[0] ?? '', 'all/a.txt'), 'two');
  for (const target of ['none.txt', '../outside'])
    await assert.rejects(build(world, dockerfile, { ...({ context: context(target) } as object) }), (error) =>
      isErrorCode(error, 'invalid-argument'),
    );
  world.store.close();
});

test('of two entries of one name in a context the later one counts, and one below a file or a link is refused by name', async () => {
  const world = await openWorld();
  const dockerfile = `${from}COPY . C:/all/`;
  async function* context(...more: readonly Buffer[]): AsyncGenerator<Uint8Array> {
    for await (const piece of contextOf({ Dockerfile: dockerfile, 'a/b.txt': 'b', c: 'c' }))
      if (piece !== tarEnd) yield piece;
    yield* more;
    yield tarEnd;
  }
  const request = (...more: readonly Buffer[]): object => ({ context: context(...more) });
  const replaced = request(tarHeader({ name: 'a', type: 'file' }), tarHeader({ name: 'c', type: 'folder' }));
  const [id = ''] = (await build(world, dockerfile, replaced)).ids;
  assert.equal(await read(world, id, 'all/a'), '');
  await assert.rejects(read(world, id, 'all/c'), /EISDIR/u);
  const below = request(tarHeader({ name: 'c/d/e.txt', type: 'file' }));
  await assert.rejects(
    build(world, dockerfile, below),
    /^WindowboxError: Cannot unpack entry "c\/d\/e.txt": "c" is a file, not a folder$/u,
  );
  const through = request(
    tarHeader({ name: 'l', type: 'symlink', linkName: '/etc' }),
    tarHeader({ name: 'l/x', type: 'file' }),
  );
  await assert.rejects(build(world, dockerfile, through), /Cannot unpack entry "l\/x": "l" is a link/u);
  const long = request(tarHeader({ name: 'n'.repeat(300), type: 'file' }));
  await assert.rejects(build(world, dockerfile, long), /Cannot unpack entry "n{100}…": its name is too long/u);
  world.store.close();
});

test('ADD keeps the links of an archive, and tells what Windows has no kind of file for', async () => {
  const world = await openWorld();
  const device = Buffer.from(tarHeader({ name: 'dev/null', type: 'file' }));
  device.write('3', 156);
  device.write(
    `${(device.subarray(0, 148).reduce((a, b) => a + b) + 256 + device.subarray(156).reduce((a, b) => a + b)).toString(8).padStart(6, '0')}\0 `,
    148,
  );
  const tar = Buffer.concat([
    tarHeader({ name: 'x.txt', type: 'file', size: 1 }),
    Buffer.from('x'),
    tarPadding(1),
    tarHeader({ name: 'second.txt', type: 'hardlink', linkName: 'x.txt' }),
    tarHeader({ name: 'in/link.txt', type: 'symlink', linkName: '../x.txt' }),
    device,
    tarEnd,
  ]);
  const { ids, said } = await build(world, `${from}ADD a.tar C:/un/`, { files: { 'a.tar': tar } });
  const [id = ''] = ids;
  for (const name of ['x.txt', 'second.txt', 'in/link.txt']) assert.equal(await read(world, id, `un/${name}`), 'x');
  assert.match(said, /\[Warning\] ADD leaves out of a.tar what Windows has no kind of file for: "dev\/null"\n/u);
  const out = Buffer.concat([tarHeader({ name: '../x', type: 'file' }), tarEnd]);
  await assert.rejects(
    build(world, `${from}ADD a.tar C:/un/`, { files: { 'a.tar': out } }),
    /Cannot unpack entry "..\/x": it leads out of its folder/u,
  );
  world.store.close();
});

test('a file that became read-only is another one for the cache, and one with another time is not', async () => {
  const world = await openWorld();
  const dockerfile = `${from}COPY a.txt C:/`;
  const context = (more: { mode: number; modified: bigint }): object => ({
    context: Readable.from([
      tarHeader({ name: 'Dockerfile', type: 'file', size: dockerfile.length }),
      Buffer.from(dockerfile),
      tarPadding(dockerfile.length),
      tarHeader({ name: 'a.txt', type: 'file', ...more }),
      tarEnd,
    ]),
  });
  const { ids } = await build(world, dockerfile, context({ mode: 0o644, modified: 1n }));
  const later = await build(world, dockerfile, context({ mode: 0o755, modified: 2_000_000_000n }));
  assert.deepEqual(later.ids, ids);
  const readOnly = await build(world, dockerfile, context({ mode: 0o444, modified: 1n }));
  assert.notDeepEqual(readOnly.ids, ids);
  world.store.close();
});

test('the ignore file of the Dockerfile goes before that of the context', async () => {
  const world = await openWorld();
  const dockerfile = `${from}COPY . C:/all/`;
  const files = { 'App.Dockerfile': dockerfile, 'App.Dockerfile.dockerignore': 'b.txt', '.dockerignore': 'a.txt' };
  const request = { dockerfile: 'App.Dockerfile', files: { ...files, 'a.txt': 'a', 'b.txt': 'b' } };
  const [id = ''] = (await build(world, '', request)).ids;
  assert.equal(await read(world, id, 'all/a.txt'), 'a');
  await assert.rejects(read(world, id, 'all/b.txt'), /ENOENT/u);
  world.store.close();
});

test("a command that would run Wine's powershell.exe, which does nothing, is refused, and one of the image's own is run", async () => {
  const world = await openWorld();
  const place = 'C:/windows/system32/WindowsPowerShell/v1.0/';
  const stub = Buffer.from(`MZ${'\0'.repeat(62)}Wine builtin DLL`);
  const files = { 'powershell.exe': stub };
  await build(world, `${from}COPY powershell.exe ${place}`, { files, tags: ['stub'] });
  for (const step of [
    'RUN powershell -Command Write-Host 1',
    'RUN echo 1 && PowerShell.exe -File x.ps1',
    'SHELL ["powershell", "-Command"]\nRUN Write-Host 1',
    'RUN ["C:\\\\Windows\\\\System32\\\\WindowsPowerShell\\\\v1.0\\\\powershell.exe", "-c", "1"]',
  ])
    await assert.rejects(build(world, `FROM stub\n${step}`), /Windows PowerShell is not in this base$/u);
  assert.deepEqual(world.ran, []);
  await build(world, 'FROM stub\nRUN echo powershell\nRUN pwsh -c 1');
  const own = { 'powershell.exe': Buffer.from('MZ of another') };
  await build(world, `${from}COPY powershell.exe ${place}\nRUN powershell -c 1`, { files: own });
  assert.equal(world.ran.length, 3);
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

test('a context that reaches out of its folder is refused, and a linked Dockerfile is not followed', async () => {
  const world = await openWorld();
  await assert.rejects(build(world, from, { files: { '../x': 'y' } }), (error) =>
    isErrorCode(error, 'invalid-argument'),
  );
  const request = { dockerfile: 'Linked' };
  async function* linked(): AsyncGenerator<Uint8Array> {
    yield tarHeader({ name: 'Linked', type: 'symlink', linkName: '/etc/passwd' });
    yield tarEnd;
  }
  await assert.rejects(
    build(world, from, { ...request, ...({ context: linked() } as object) }),
    /Cannot locate specified Dockerfile: Linked/u,
  );
  world.store.close();
});
