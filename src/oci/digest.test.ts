import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDigest, isDigest, parseDigest } from './digest.js';

test('a digest is an algorithm and as many lower-case hexadecimal digits as it makes', () => {
  for (const text of [`sha256:${'a'.repeat(64)}`, `sha512:${'0'.repeat(128)}`]) {
    assert.equal(formatDigest(parseDigest(text)), text);
    assert.ok(isDigest(text));
  }
});

test('what is no digest is refused', () => {
  for (const text of [
    '',
    'sha256',
    ':a',
    `sha256:${'a'.repeat(63)}`,
    `sha256:${'A'.repeat(64)}`,
    `md5:${'a'.repeat(32)}`,
    `sha256:${'g'.repeat(64)}`,
  ]) {
    assert.throws(() => parseDigest(text), { name: 'WindowboxError', code: 'invalid-argument' }, text);
    assert.ok(!isDigest(text));
  }
});
