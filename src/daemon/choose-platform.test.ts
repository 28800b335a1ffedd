import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostProfile } from '../rules/index.js';
import { choosePlatform } from './choose-platform.js';

const windows = (osVersion?: string): { os: string; architecture: string; osVersion?: string } => ({
  os: 'windows',
  architecture: 'amd64',
  ...(osVersion === undefined ? {} : { osVersion }),
});
const index = [
  { os: 'linux', architecture: 'amd64' },
  windows('10.0.14393.1'),
  windows('10.0.17763.99'),
  windows('10.0.17763.1039'),
  windows('10.0.20348.1'),
];

test('the host’s own build is chosen, the highest revision of it; else the first that is not newer', () => {
  const rows: readonly (readonly [host: string, expected: number])[] = [
    ['windows-server-2019', 3],
    ['windows-server-2022', 4],
    ['windows-server-2025', 1],
    ['windows-server-2016', 1],
    ['any', 1],
  ];
  for (const [host, expected] of rows)
    assert.equal(choosePlatform(() => hostProfile(host))(index, undefined), expected, host);
});

test('a platform that was asked for decides alone, and nothing fits is -1', () => {
  const choose = choosePlatform(() => hostProfile('windows-server-2025'));
  assert.equal(choose(index, windows('10.0.20348')), 4);
  assert.equal(choose(index, windows('10.0.18362')), -1);
  assert.equal(choose([{ os: 'linux', architecture: 'amd64' }], undefined), -1);
});

test('an entry without a version fits every host', () => {
  assert.equal(choosePlatform(() => hostProfile('windows-server-2016'))([windows()], undefined), 0);
});
