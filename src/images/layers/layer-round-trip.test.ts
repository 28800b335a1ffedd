import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isErrorCode } from '../../errors/index.js';
import { readTar, tarEnd, tarHeader, type TarHeaderFields, tarPadding } from '../../platform/index.js';
import { exportLayer } from './export-layer.js';
import { importLayer, type ImportedLayer } from './import-layer.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-layers-'));
after(() => {
  rmSync(folder, { recursive: true });
});

type Entry = TarHeaderFields & { readonly content?: string };

function* tarOf(entries: readonly Entry[]): Generator<Uint8Array> {
  for (const { content = '', ...fields } of entries) {
    const body = Buffer.from(content);
    yield tarHeader(fields.type === 'file' ? { ...fields, size: body.length } : fields);
    yield body;
    yield tarPadding(body.length);
  }
  yield tarEnd;
}

async function* stream(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const owner = { uid: 101_000, gid: 101_000 };

async function unpack(
  entries: readonly Entry[],
  parents: readonly string[] = [],
): Promise<ImportedLayer & { root: string; meta: string }> {
  const place = mkdtempSync(join(folder, 'layer-'));
  const [root, meta] = [join(place, 'root'), join(place, 'meta')];
  const done = await importLayer({ source: stream(tarOf(entries)), root, meta, parents, owner });
  return { ...done, root, meta };
}

async function contentOf(source: AsyncIterable<Uint8Array>): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for await (const { header, body } of readTar(source)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    const { path: _path, size: _size, linkpath: _link, ...pax } = header.pax;
    found[header.name] = {
      type: header.type,
      link: header.linkName,
      time: header.type === 'hardlink' || header.name.includes('.wh.') ? 0n : header.modified,
      pax: header.type === 'hardlink' ? {} : pax,
      text: Buffer.concat(chunks).toString(),
    };
  }
  return found;
}

const windows = (attributes: number, more: Record<string, string> = {}): Record<string, string> => ({
  'MSWINDOWS.fileattr': String(attributes),
  'MSWINDOWS.rawsd': Buffer.from(`descriptor ${String(attributes)}`).toString('base64'),
  'LIBARCHIVE.creationtime': '1600000000.000000100',
  ...more,
});
const time = 1_612_345_678_123_456_700n;

const everything: readonly Entry[] = [
  { name: 'Files', type: 'folder', modified: time, pax: windows(16) },
  { name: 'Files/Program Files', type: 'folder', modified: time, pax: windows(17) },
  { name: 'Files/Program Files/app.exe', type: 'file', content: 'MZ', modified: time, pax: windows(33) },
  { name: 'Files/Program Files/app.exe:Zone.Identifier', type: 'file', content: '[ZoneTransfer]', modified: time },
  { name: 'Files/Program Files/app.exe:empty', type: 'file', modified: time },
  { name: 'Files/Program Files/same.exe', type: 'hardlink', linkName: 'Files/Program Files/app.exe' },
  {
    name: 'Files/Program Files/ea.dat',
    type: 'file',
    content: 'x'.repeat(300_000),
    modified: time,
    pax: windows(38, { 'MSWINDOWS.xattr.CI.EA': 'AAEC' }),
  },
  { name: `Files/${'long '.repeat(30)}name-ünï.txt`, type: 'file', content: 'ü', modified: 5n, pax: windows(32) },
  {
    name: 'Files/junction',
    type: 'symlink',
    linkName: 'C:\\Program Files',
    modified: time,
    pax: windows(1040, { 'MSWINDOWS.mountpoint': '1' }),
  },
  { name: 'Files/relative', type: 'symlink', linkName: 'Program Files\\app.exe', modified: time, pax: windows(1056) },
  { name: 'Files/share', type: 'symlink', linkName: '\\??\\UNC\\server\\share', modified: time, pax: windows(1040) },
  { name: 'Files/Windows', type: 'folder', modified: time, pax: windows(16) },
  { name: 'Files/Windows/.wh.notepad.exe', type: 'file' },
  { name: 'Hives', type: 'folder', modified: time, pax: windows(16) },
  { name: 'Hives/SOFTWARE_DELTA', type: 'file', content: 'regf', modified: time, pax: windows(32) },
  { name: 'UtilityVM', type: 'folder', modified: time, pax: windows(16) },
  { name: 'UtilityVM/Files', type: 'folder', modified: time, pax: windows(16) },
];

test('a layer comes out equal in meaning to what went in, and twice the same bytes', async () => {
  const layer = await unpack(everything);
  assert.equal(layer.hasHives, true);
  const before = await contentOf(stream(tarOf(everything)));
  assert.deepEqual(await contentOf(exportLayer(layer)), before);
  const bytes = async (): Promise<string> => {
    const parts: Uint8Array[] = [];
    for await (const part of exportLayer(layer)) parts.push(part);
    return Buffer.concat(parts).toString('latin1');
  };
  assert.equal(await bytes(), await bytes());
});

test('on the disk a layer is a Wine prefix with files that a container may own', async () => {
  const { root } = await unpack(everything);
  const drive = join(root, 'drive_c');
  assert.equal(readFileSync(join(drive, 'Program Files/same.exe'), 'utf8'), 'MZ');
  assert.equal(lstatSync(join(drive, 'Program Files/app.exe')).uid, owner.uid);
  assert.equal(lstatSync(join(drive, 'Program Files/app.exe')).mode & 0o777, 0o444);
  assert.equal(readlinkSync(join(drive, 'junction')), 'Program Files');
  assert.ok(lstatSync(join(drive, 'share')).isDirectory());
  const whiteout = lstatSync(join(drive, 'Windows/notepad.exe'));
  assert.ok(whiteout.isCharacterDevice());
  assert.equal(whiteout.rdev, 0);
});

test('names take the spelling of the layers below, and of the first entry in the layer', async () => {
  const base = mkdtempSync(join(folder, 'base-'));
  mkdirSync(join(base, 'drive_c/windows/System32'), { recursive: true });
  writeFileSync(join(base, 'drive_c/windows/System32/Notepad.exe'), '');
  const { root } = await unpack(
    [
      { name: 'Files/Windows/SYSTEM32/notepad.EXE', type: 'file', content: 'new' },
      { name: 'Files/WINDOWS/system32/own.txt', type: 'file' },
      { name: 'Files/Own/A.txt', type: 'file' },
      { name: 'Files/own/b.txt', type: 'file' },
      { name: 'Files/link', type: 'symlink', linkName: 'c:\\WINDOWS\\system32\\NOTEPAD.exe' },
    ],
    [base],
  );
  assert.equal(readFileSync(join(root, 'drive_c/windows/System32/Notepad.exe'), 'utf8'), 'new');
  assert.ok(lstatSync(join(root, 'drive_c/windows/System32/own.txt')).isFile());
  assert.ok(lstatSync(join(root, 'drive_c/Own/b.txt')).isFile());
  assert.equal(readlinkSync(join(root, 'drive_c/link')), 'windows/System32/Notepad.exe');
});

test('a hard link may lead to a file of a layer below, but never through a link of it', async () => {
  const base = mkdtempSync(join(folder, 'base-'));
  mkdirSync(join(base, 'drive_c/dir'), { recursive: true });
  writeFileSync(join(base, 'drive_c/dir/file'), 'below');
  const outside = mkdtempSync(join(folder, 'outside-'));
  writeFileSync(join(outside, 'secret'), 'secret');
  const { symlinkSync } = await import('node:fs');
  symlinkSync(outside, join(base, 'drive_c/out'));
  const { root } = await unpack([{ name: 'Files/link', type: 'hardlink', linkName: 'Files/DIR/file' }], [base]);
  assert.equal(readFileSync(join(root, 'drive_c/link'), 'utf8'), 'below');
  await assert.rejects(
    unpack([{ name: 'Files/link', type: 'hardlink', linkName: 'Files/out/secret' }], [base]),
    /which is no file here/u,
  );
});

test('folders that the layer does not list are made, and left out again when it is written', async () => {
  const entries: Entry[] = [{ name: 'Files/a/b/c.txt', type: 'file', modified: time, pax: windows(32) }];
  const names = Object.keys(await contentOf(exportLayer(await unpack(entries))));
  assert.deepEqual(names, ['Files', 'Files/a/b/c.txt', 'Hives']);
});

const hostile: readonly [string, readonly Entry[], RegExp][] = [
  ['climbs out', [{ name: 'Files/../../etc/passwd', type: 'file' }], /a part of it is "\.\."/u],
  ['is absolute', [{ name: '/etc/passwd', type: 'file' }], /not below Files/u],
  ['has a drive', [{ name: 'C:/x', type: 'file' }], /not below Files/u],
  ['has a drive below', [{ name: 'Files/C:/x', type: 'file' }], /does not allow/u],
  ['has a backslash', [{ name: String.raw`Files/..\..\x`, type: 'file' }], /does not allow/u],
  ['is a device', [{ name: 'Files/NUL', type: 'file' }], /name of a device/u],
  ['is a device with an extension', [{ name: 'Files/dir/com1.txt', type: 'file' }], /name of a device/u],
  ['is a device in superscript', [{ name: 'Files/LPT¹', type: 'file' }], /name of a device/u],
  ['ends in a dot', [{ name: 'Files/a./b', type: 'file' }], /ends in a dot/u],
  ['ends in a space', [{ name: 'Files/a ', type: 'file' }], /ends in a dot/u],
  ['has a control character', [{ name: 'Files/a\u0001', type: 'file' }], /does not allow/u],
  [
    'collides in case',
    [
      { name: 'Files/A', type: 'file' },
      { name: 'Files/a', type: 'file' },
    ],
    /already/u,
  ],
  [
    'is there twice',
    [
      { name: 'Files/a', type: 'file' },
      { name: 'Files/a', type: 'file' },
    ],
    /already/u,
  ],
  [
    'has a file as folder',
    [
      { name: 'Files/a', type: 'file' },
      { name: 'Files/a/b', type: 'file' },
    ],
    /is no folder/u,
  ],
  [
    'writes through a link',
    [
      { name: 'Files/l', type: 'symlink', linkName: 'C:\\Windows' },
      { name: 'Files/l/x', type: 'file' },
    ],
    /is no folder/u,
  ],
  ['links out', [{ name: 'Files/l', type: 'symlink', linkName: '..\\..\\etc\\passwd' }], /links out of the layer/u],
  ['links out with slashes', [{ name: 'Files/l', type: 'symlink', linkName: '../../etc' }], /links out of the layer/u],
  ['hard-links out', [{ name: 'Files/l', type: 'hardlink', linkName: '../../etc/passwd' }], /not below Files/u],
  ['hard-links to nothing', [{ name: 'Files/l', type: 'hardlink', linkName: 'Files/none' }], /no file here/u],
  [
    'deletes what it has',
    [
      { name: 'Files/a', type: 'file' },
      { name: 'Files/.wh.A', type: 'file' },
    ],
    /what it deletes/u,
  ],
  ['deletes upwards', [{ name: 'Files/.wh...', type: 'file' }], /a part of it is "\.\."/u],
  ['is an opaque mark', [{ name: 'Files/.wh..wh..opq', type: 'file' }], /deletion mark/u],
  ['has a stream without a file', [{ name: 'Files/a:b', type: 'file' }], /right after its file/u],
];
for (const [what, entries, message] of hostile)
  test(`an entry that ${what} is refused with its name`, async () => {
    await assert.rejects(unpack(entries), (error) => {
      assert.ok(isErrorCode(error, 'invalid-argument'), String(error));
      assert.match(error.message, /^Cannot unpack layer entry "/u);
      assert.match(error.message, message);
      return true;
    });
  });

test('a link with an absolute Linux path stays on C:', async () => {
  const { root } = await unpack([{ name: 'Files/dir/l', type: 'symlink', linkName: '/etc/passwd' }]);
  assert.equal(readlinkSync(join(root, 'drive_c/dir/l')), '../etc/passwd');
});

test('more bytes than the limit are refused before they fill the disk', async () => {
  const place = mkdtempSync(join(folder, 'bomb-'));
  const zeros = Buffer.alloc(1 << 16);
  async function* bomb(): AsyncGenerator<Uint8Array> {
    yield tarHeader({ name: 'Files/big', type: 'file', size: 2 ** 40 });
    for (;;) yield zeros;
  }
  await assert.rejects(
    importLayer({ source: bomb(), root: join(place, 'r'), meta: join(place, 'm'), parents: [], owner, maxBytes: 1e6 }),
    (error) => isErrorCode(error, 'resource-exhausted'),
  );
});
