import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WindowboxError } from '../errors/index.js';
import { familiarName, familiarReference, formatReference, parseReference, withDefaultTag } from './reference.js';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** Written, whole, familiar. */
const good: readonly (readonly [string, string, string])[] = [
  ['ubuntu', 'docker.io/library/ubuntu', 'ubuntu'],
  ['ubuntu:24.04', 'docker.io/library/ubuntu:24.04', 'ubuntu:24.04'],
  ['docker.io/library/ubuntu:1', 'docker.io/library/ubuntu:1', 'ubuntu:1'],
  ['index.docker.io/ubuntu', 'docker.io/library/ubuntu', 'ubuntu'],
  ['microsoft/nanoserver:1709', 'docker.io/microsoft/nanoserver:1709', 'microsoft/nanoserver:1709'],
  ['docker.io/microsoft/nanoserver', 'docker.io/microsoft/nanoserver', 'microsoft/nanoserver'],
  ['mcr.microsoft.com/windows:1809', 'mcr.microsoft.com/windows:1809', 'mcr.microsoft.com/windows:1809'],
  ['localhost/app', 'localhost/app', 'localhost/app'],
  ['localhost:5000/app:v1', 'localhost:5000/app:v1', 'localhost:5000/app:v1'],
  ['[::1]:5000/app', '[::1]:5000/app', '[::1]:5000/app'],
  ['Registry/app', 'Registry/app', 'Registry/app'],
  [`app@${digest}`, `docker.io/library/app@${digest}`, `app@${digest}`],
  [`r.io/a/b:t@${digest}`, `r.io/a/b:t@${digest}`, `r.io/a/b:t@${digest}`],
  ['a__b/c--d/e.f', 'docker.io/a__b/c--d/e.f', 'a__b/c--d/e.f'],
];

test('a reference is normalised as Docker does, and shown in its familiar form', () => {
  for (const [written, whole, familiar] of good) {
    assert.equal(formatReference(parseReference(written)), whole);
    assert.equal(familiarReference(parseReference(written)), familiar);
  }
});

const bad: readonly (readonly [string, RegExp])[] = [
  ['', /^invalid reference format$/u],
  ['Ubuntu', /^invalid reference format: repository name \(library\/Ubuntu\) must be lowercase$/u],
  ['a/', /^invalid reference format$/u],
  ['a//b', /^invalid reference format$/u],
  ['a:', /^invalid reference format$/u],
  ['a:.x', /^invalid reference format$/u],
  ['a:b:c', /^invalid reference format$/u],
  ['a@sha256:12', /^invalid reference format$/u],
  ['a_-b', /^invalid reference format$/u],
  ['-a', /^invalid reference format$/u],
  [`a:${'t'.repeat(129)}`, /^invalid reference format$/u],
  ['x'.repeat(300), /^repository name must not be more than 255 characters$/u],
  ['0'.repeat(64), /^invalid repository name \(0+\), cannot specify 64-byte hexadecimal strings$/u],
];

test('what is no reference is refused with Docker’s words', () => {
  for (const [written, message] of bad)
    assert.throws(
      () => parseReference(written),
      { name: 'WindowboxError', code: 'invalid-argument', message },
      written,
    );
});

test('the tag latest is added only where there is neither tag nor digest', () => {
  assert.equal(familiarReference(withDefaultTag(parseReference('a'))), 'a:latest');
  assert.equal(familiarReference(withDefaultTag(parseReference('a:b'))), 'a:b');
  assert.equal(familiarReference(withDefaultTag(parseReference(`a@${digest}`))), `a@${digest}`);
  assert.equal(familiarName(parseReference('docker.io/library/a:b')), 'a');
});

test('any text is either refused or prints back to itself, whole and familiar', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 60 }), fc.stringMatching(/^[a-zA-Z0-9.:/@_-]{0,40}$/u)), (text) => {
      let parsed;
      try {
        parsed = parseReference(text);
      } catch (error) {
        assert.ok(error instanceof WindowboxError);
        return;
      }
      assert.deepEqual(parseReference(formatReference(parsed)), parsed);
      assert.deepEqual(parseReference(familiarReference(parsed)), parsed);
    }),
    { numRuns: 3000 },
  );
});
