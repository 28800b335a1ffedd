import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { BuildRequest } from '../../src/builder/index.js';
import { isErrorCode } from '../../src/errors/index.js';
import { tarEnd, tarHeader, tarPadding } from '../../src/platform/index.js';
import { build, contextOf, openWorld, read } from '../helpers/build-world.js';

const from = 'FROM mcr.microsoft.com/windows/nanoserver:20348\n';

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
  const { ids } = await build(world, dockerfile, { context: { type: 'tar', bytes: context('a.txt') } });
  assert.equal(await read(world, ids[0] ?? '', 'all/b.txt'), 'one');
  assert.equal(await read(world, ids[0] ?? '', 'all/a.txt'), 'two');
  for (const target of ['none.txt', '../outside'])
    await assert.rejects(build(world, dockerfile, { context: { type: 'tar', bytes: context(target) } }), (error) =>
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
  const request = (...more: readonly Buffer[]): Pick<BuildRequest, 'context'> => ({
    context: { type: 'tar', bytes: context(...more) },
  });
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
  const context = (more: { mode: number; modified: bigint }): Pick<BuildRequest, 'context'> => ({
    context: {
      type: 'tar',
      bytes: Readable.from([
        tarHeader({ name: 'Dockerfile', type: 'file', size: dockerfile.length }),
        Buffer.from(dockerfile),
        tarPadding(dockerfile.length),
        tarHeader({ name: 'a.txt', type: 'file', ...more }),
        tarEnd,
      ]),
    },
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

test('a context that reaches out of its folder is refused, and a linked Dockerfile is not followed', async () => {
  const world = await openWorld();
  await assert.rejects(build(world, from, { files: { '../x': 'y' } }), (error) =>
    isErrorCode(error, 'invalid-argument'),
  );
  async function* linked(): AsyncGenerator<Uint8Array> {
    yield tarHeader({ name: 'Linked', type: 'symlink', linkName: '/etc/passwd' });
    yield tarEnd;
  }
  await assert.rejects(
    build(world, from, { dockerfile: 'Linked', context: { type: 'tar', bytes: linked() } }),
    /Cannot locate specified Dockerfile: Linked/u,
  );
  world.store.close();
});
