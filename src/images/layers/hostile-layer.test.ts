import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { array, assert as check, asyncProperty, constantFrom, nat, record, string, tuple } from 'fast-check';
import { WindowboxError } from '../../errors/index.js';
import { tarEnd, tarHeader, tarPadding } from '../../platform/index.js';
import { exportLayer } from './export-layer.js';
import { importLayer } from './import-layer.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'windowbox-hostile-')));
after(() => {
  rmSync(folder, { recursive: true });
});

const part = constantFrom(
  'a',
  'A',
  'b',
  'B.txt',
  '..',
  '.',
  '',
  'con',
  'x:y',
  '.wh.a',
  'Windows',
  'ünï',
  'C:',
  'a\\b',
  ' ',
  'a.',
);
const name = tuple(
  constantFrom('Files', 'Files', 'Files', 'Hives', 'UtilityVM', '..', '/etc'),
  array(part, { maxLength: 4 }),
).map(([root, parts]) => [root, ...parts].join('/'));
const target = constantFrom(
  'a',
  '..\\..\\x',
  'C:\\a\\b',
  'Files/a',
  'Files/A/b',
  '/etc/passwd',
  '\\??\\D:\\',
  '',
  '\u0000',
  '..',
);
const entry = record({
  name,
  type: constantFrom('file', 'file', 'folder', 'symlink', 'hardlink' as const),
  linkName: target,
  size: nat(600),
  attributes: constantFrom('16', '32', '1040', 'x', '-1'),
  extra: string({ maxLength: 20 }),
});

test('whatever entries come, nothing is made outside of the layer, and what is taken can be written again', async () => {
  await check(
    asyncProperty(array(entry, { maxLength: 12 }), async (entries) => {
      const place = mkdtempSync(join(folder, 'case-'));
      const outside = mkdtempSync(join(folder, 'outside-'));
      writeFileSync(join(outside, 'secret'), 'secret');
      mkdirSync(join(place, 'base/drive_c/Windows'), { recursive: true });
      const before = readdirSync(folder).sort();
      const bytes = Buffer.concat([
        ...entries.flatMap(({ type, size, attributes, extra, ...rest }) => {
          const body = Buffer.alloc(type === 'file' ? size : 0, 'x');
          const pax = { 'MSWINDOWS.fileattr': attributes, 'X.extra': extra };
          return [tarHeader({ ...rest, type, size: body.length, pax }), body, tarPadding(body.length)];
        }),
        tarEnd,
      ]);
      const [root, meta] = [join(place, 'root'), join(place, 'meta')];
      try {
        await importLayer({
          source: once(bytes),
          root,
          meta,
          parents: [join(place, 'base')],
          owner: { uid: 101_000, gid: 101_000 },
        });
        for await (const piece of exportLayer({ root, meta })) assert.ok(piece.length >= 0);
      } catch (error) {
        assert.ok(error instanceof WindowboxError, String(error));
        assert.equal(error.code, 'invalid-argument', String(error));
      }
      assert.deepEqual(readdirSync(folder).sort(), before);
      assert.deepEqual(
        readdirSync(place).filter((found) => !['base', 'root', 'meta'].includes(found)),
        [],
      );
      for (const path of linksBelow(root)) assert.ok(!existsSync(path) || realpathSync(path).startsWith(place), path);
      rmSync(place, { recursive: true });
      rmSync(outside, { recursive: true });
    }),
    { numRuns: 400 },
  );
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function linksBelow(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((found) => found.isSymbolicLink())
    .map((found) => join(found.parentPath, found.name));
}
