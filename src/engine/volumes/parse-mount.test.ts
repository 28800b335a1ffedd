import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WindowboxError } from '../../errors/index.js';
import { normaliseTarget, parseBind, parseVolumesFrom } from './parse-mount.js';

test('a bind names a source on this host or a volume, a Windows target and a mode', () => {
  const rows: readonly (readonly [string, { type: string; source: string; target: string; readOnly: boolean }])[] = [
    ['/srv/data:C:\\data', { type: 'bind', source: '/srv/data', target: 'C:\\data', readOnly: false }],
    ['/srv/data:c:/Data/:ro', { type: 'bind', source: '/srv/data', target: 'C:\\Data', readOnly: true }],
    ['/with:colon:D:', { type: 'bind', source: '/with:colon', target: 'D:\\', readOnly: false }],
    ['cache:C:\\cache:RW', { type: 'volume', source: 'cache', target: 'C:\\cache', readOnly: false }],
    ['C:\\only', { type: 'volume', source: '', target: 'C:\\only', readOnly: false }],
  ];
  for (const [specification, expected] of rows) {
    const { type, source, target, readOnly } = parseBind(specification);
    assert.deepEqual({ type, source, target, readOnly }, expected, specification);
  }
});

test('what is no bind is refused with Docker’s words', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['/srv/data', /^invalid volume specification: '\/srv\/data'$/u],
    ['/a:C:\\b:rx', /^invalid mode: rx$/u],
    ['/a:C:\\', /destination path \(C:\\\) cannot be 'c:' or 'c:\\'$/u],
    ['vol:c:/windows/', /^Cannot mount on "C:\\windows": Windows itself is there$/u],
    ['vol:C:\\Windows\\System32', /Windows itself is there$/u],
    ['/a:C:\\x\\..\\y', /^invalid volume specification/u],
    ['', /^invalid volume specification: ''$/u],
  ];
  for (const [specification, text] of rows)
    assert.throws(
      () => parseBind(specification),
      (error) => error instanceof WindowboxError && text.test(error.message),
      specification,
    );
});

test('mounts are taken from a container by its name, read-only where the mode says so', () => {
  assert.deepEqual(parseVolumesFrom('box'), { container: 'box', readOnly: false });
  assert.deepEqual(parseVolumesFrom('box:RO'), { container: 'box', readOnly: true });
  assert.throws(() => parseVolumesFrom(''), /^WindowboxError: volumes-from specification cannot be an empty string$/u);
  assert.throws(() => parseVolumesFrom('box:z'), /invalid mode: z/u);
});

test('a target is normalised to its drive letter in upper case and single backslashes', () => {
  assert.equal(normaliseTarget('e:\\\\a//b\\'), 'E:\\a\\b');
});
