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

test('a platform that was asked for decides alone; where none fits, the text names what was looked for, and a host that would do', () => {
  const choose = choosePlatform(() => hostProfile('windows-server-2025'));
  assert.equal(choose(index, windows('10.0.20348')), 4);
  const none = (platform: string): { readonly text: string } => ({
    text: `no matching manifest for ${platform} in the manifest list entries`,
  });
  assert.deepEqual(choose(index, windows('10.0.18362')), none('windows(10.0.18362)/amd64'));
  for (const [os, architecture] of [
    ['linux', 'amd64'],
    ['windows', 'arm64'],
  ] as const)
    assert.deepEqual(choose(index, { os, architecture }), none(`${os}/${architecture}`));
  assert.deepEqual(choose([{ os: 'linux', architecture: 'amd64' }], undefined), none('windows(10.0.26100)/amd64'));
  const old = choosePlatform(() => hostProfile('windows-10-1809', { engine: '20.10.0' }));
  assert.deepEqual(old([windows('10.0.20348.1'), windows('10.0.26100.1')], undefined), {
    text: 'no matching manifest for windows/amd64 10.0.17763 in the manifest list entries',
    wayOut: 'The first host that pulls one of them is Windows 11, version 21H2.  windowbox host use windows-11-21h2',
  });
});

test('an entry without a version fits every host', () => {
  assert.equal(choosePlatform(() => hostProfile('windows-server-2016'))([windows()], undefined), 0);
});
