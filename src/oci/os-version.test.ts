import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compareOsVersions,
  formatBuildVersion,
  formatOsVersion,
  type OsVersion,
  parseOsVersion,
} from './os-version.js';

const number = fc.integer({ min: 0, max: 999_999_999 });
const plain = { noNullPrototype: true };
const version: fc.Arbitrary<OsVersion> = fc.oneof(
  fc.record({ major: number, minor: number, build: number }, plain),
  fc.record({ major: number, minor: number, build: number, revision: number }, plain),
);

test('a version of three or four numbers is read, anything else is unknown', () => {
  assert.deepEqual(parseOsVersion('10.0.17763.1039'), { major: 10, minor: 0, build: 17763, revision: 1039 });
  assert.deepEqual(parseOsVersion('10.0.26100'), { major: 10, minor: 0, build: 26100 });
  for (const text of [
    '',
    '10',
    '10.0',
    '10.0.17763.',
    '10.0.17763.1.2',
    ' 10.0.1',
    '10.0.01',
    '10.0.-1',
    '10.0.1e3',
    '10.0.1234567890',
  ])
    assert.equal(parseOsVersion(text), undefined, text);
});

test('parse and print are each other’s inverse', () => {
  fc.assert(fc.property(version, (given) => assert.deepEqual(parseOsVersion(formatOsVersion(given)), given)));
});

test('no text makes the parser throw or read another version than is written', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.]{0,24}$/u)), (text) => {
      const parsed = parseOsVersion(text);
      if (parsed !== undefined) assert.equal(formatOsVersion(parsed), text);
    }),
    { numRuns: 3000 },
  );
});

test('versions are ordered by numbers, not by letters', () => {
  const older = parseOsVersion('10.0.26100.4061');
  const newer = parseOsVersion('10.0.26100.33296');
  assert.ok(older !== undefined && newer !== undefined);
  assert.ok(compareOsVersions(older, newer) < 0);
  assert.equal(formatBuildVersion(newer), '10.0.26100');
  fc.assert(
    fc.property(version, version, (a, b) =>
      assert.equal(Math.sign(compareOsVersions(a, b)), -Math.sign(compareOsVersions(b, a)) + 0),
    ),
  );
});
