import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Headers, pack } from 'tar-stream';
import type { SandboxFiles } from '../runtime/index.js';
import { openFilesOn } from './index.js';

let folder: string;
let driveC: string;
let files: SandboxFiles;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windowbox-files-'));
  driveC = join(folder, 'prefix/drive_c');
  await mkdir(join(driveC, 'Data/Inner'), { recursive: true });
  await writeFile(join(driveC, 'Data/Inner/File.txt'), 'content');
  await mkdir(join(folder, 'host'));
  await writeFile(join(folder, 'host/secret'), 'secret');
  files = openOn();
});
afterEach(async () => {
  await files.close();
  await rm(folder, { recursive: true, force: true });
});

test('a path is found in any case and with either slash', async () => {
  for (const path of ['C:\\data\\INNER\\file.TXT', '/DATA/inner/file.txt', 'data\\..\\DATA\\Inner\\.\\FILE.txt'])
    assert.equal((await files.stat(path)).name, 'File.txt', path);
});

test('of two names that differ in case only, the spelling asked for is found', async () => {
  await writeFile(join(driveC, 'Data/a'), '1');
  await writeFile(join(driveC, 'Data/A'), '22');
  assert.equal((await files.stat('C:\\Data\\a')).size, 1);
  assert.equal((await files.stat('C:\\Data\\A')).size, 2);
});

const outside = [
  ['an absolute link', '/etc'],
  ['a relative link', '../../../host'],
  ['a link that climbs far', '../../../../../../../../../../etc'],
] as const;

for (const [name, target] of outside)
  test(`${name} does not lead out: neither to read, nor to list, nor to write`, async () => {
    await symlink(target, join(driveC, 'Data/out'));
    await assert.rejects(files.stat('C:\\Data\\out\\secret'), { code: 'permission-denied' });
    await assert.rejects(files.read('C:\\Data\\out\\secret'), { code: 'permission-denied' });
    await assert.rejects(write('C:\\Data\\out', [{ name: 'planted' }]), { code: 'permission-denied' });
    await assert.rejects(stat(join(folder, 'host/planted')), { code: 'ENOENT' });
  });

test('a link inside is followed, a loop of links ends', async () => {
  await symlink('Inner', join(driveC, 'Data/link'));
  await symlink('/c/drive_c/Data', join(driveC, 'rooted'));
  await symlink('loop', join(driveC, 'Data/loop'));
  assert.equal((await files.stat('C:\\Data\\link\\file.txt')).size, 7);
  assert.equal((await files.stat('C:\\rooted\\inner\\file.txt')).size, 7);
  assert.equal((await files.stat('C:\\Data\\link')).linkTarget, 'Inner');
  await assert.rejects(files.stat('C:\\Data\\loop\\x'), { code: 'permission-denied' });
});

test('an archive that makes a link and writes through it writes nothing outside', async () => {
  const entries = [{ name: 'out', type: 'symlink' as const, linkname: '../../../host' }, { name: 'out/planted' }];
  await assert.rejects(write('C:\\Data', entries), { code: 'not-found' });
  await assert.rejects(stat(join(folder, 'host/planted')), { code: 'ENOENT' });
});

for (const name of ['../planted', 'a/../../planted', '..\\planted', 'a\\..\\..\\planted'])
  test(`an archive's entry "${name}" is refused`, async () => {
    await assert.rejects(write('C:\\Data', [{ name }]), { code: 'invalid-argument' });
  });

test("an archive's hard link to a file outside of the folder is refused", async () => {
  const link = { name: 'copy', type: 'link' as const, linkname: '../../host/secret' };
  await assert.rejects(write('C:\\Data', [link]), { code: 'invalid-argument' });
});

test('devices and pipes are refused, and pipes in a folder are left out when it is read', async () => {
  await assert.rejects(write('C:\\Data', [{ name: 'disk', type: 'block-device' }]), { code: 'invalid-argument' });
  await assert.rejects(write('C:\\Data', [{ name: 'pipe', type: 'fifo' }]), { code: 'invalid-argument' });
});

test('what is unpacked lands on the spelling that is there and belongs to the container', async () => {
  await write('c:\\DATA', [{ name: 'INNER/FILE.TXT' }, { name: 'inner/new.txt' }]);
  assert.equal(await readFile(join(driveC, 'Data/Inner/File.txt'), 'utf8'), 'new content');
  const made = await lstat(join(driveC, 'Data/Inner/new.txt'));
  assert.deepEqual([made.uid, made.gid], [101_000, 101_000]);
});

test('a file does not take the place of a folder when that is forbidden', async () => {
  const strict = { noOverwriteDirNonDir: true };
  await assert.rejects(write('C:\\Data', [{ name: 'Inner' }], strict), { code: 'conflict' });
  await assert.rejects(write('C:\\Data\\Inner', [{ name: 'File.txt', type: 'directory' }], strict), {
    code: 'conflict',
  });
});

test('a folder comes out as it went in, its links as links', async () => {
  await symlink('File.txt', join(driveC, 'Data/Inner/link'));
  const tar = await files.read('C:\\Data');
  await mkdir(join(driveC, 'copy'));
  await files.write('C:\\copy', tar, { noOverwriteDirNonDir: false });
  assert.equal(await readFile(join(driveC, 'copy/Data/Inner/File.txt'), 'utf8'), 'content');
  assert.equal(await readlink(join(driveC, 'copy/Data/Inner/link')), 'File.txt');
});

test('a stream that is no archive is refused', async () => {
  const noise = Readable.from([Buffer.alloc(2048, 'x')]);
  await assert.rejects(files.write('C:\\Data', noise, { noOverwriteDirNonDir: false }), { code: 'invalid-argument' });
});

async function write(
  path: string,
  entries: readonly (Headers & { readonly name: string })[],
  options = { noOverwriteDirNonDir: false },
): Promise<void> {
  const tar = pack();
  for (const entry of entries) {
    if ((entry.type ?? 'file') === 'file') tar.entry(entry, 'new content');
    else tar.entry(entry);
  }
  tar.finalize();
  await files.write(path, Readable.from([await buffer(tar)]), options);
}

function openOn(): SandboxFiles {
  return openFilesOn(
    {
      path: join(folder, 'prefix'),
      rootOf: () => ({ path: driveC, insidePath: '/c/drive_c' }),
      close: async () => undefined,
    },
    { lower: [], folder: join(folder, 'layer') },
  );
}
