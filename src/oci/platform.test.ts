import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WindowboxError } from '../errors/index.js';
import { formatPlatform, parsePlatform } from './platform.js';

const rows: readonly (readonly [string, string])[] = [
  ['windows', 'windows/amd64'],
  ['windows/amd64', 'windows/amd64'],
  ['Windows/x86_64', 'windows/amd64'],
  ['windows(10.0.20348)/amd64', 'windows(10.0.20348)/amd64'],
  ['windows/amd64:10.0.20348', 'windows(10.0.20348)/amd64'],
  ['windows(10.0.17763.1039+win32k)/amd64', 'windows(10.0.17763.1039+win32k)/amd64'],
  ['windows(+win32k)/amd64', 'windows(+win32k)/amd64'],
  ['linux/arm/v7', 'linux/arm/v7'],
  ['linux/arm64/v8', 'linux/arm64'],
  ['linux/aarch64', 'linux/arm64'],
];

test('both spellings of a platform mean the same', () => {
  for (const [written, printed] of rows) assert.equal(formatPlatform(parsePlatform(written)), printed);
});

test('what is no platform is refused', () => {
  for (const text of [
    '',
    '/',
    'windows/',
    'windows()x/amd64',
    'windows(ten)/amd64',
    'windows/amd64:',
    'a/b/c/d',
    'windows/amd64:1:2',
    'windows(1/amd64',
  ])
    assert.throws(() => parsePlatform(text), { name: 'WindowboxError', code: 'invalid-argument' }, text);
});

test('any text is either refused or its printed form means the same', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9()+./:]{0,30}$/u)), (text) => {
      let platform;
      try {
        platform = parsePlatform(text);
      } catch (error) {
        assert.ok(error instanceof WindowboxError);
        return;
      }
      assert.deepEqual(parsePlatform(formatPlatform(platform)), platform);
    }),
    { numRuns: 2000 },
  );
});
