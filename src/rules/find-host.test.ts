import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WindowboxError } from '../errors/index.js';
import { hostReleases } from './data/host-releases.js';
import { hostIds, hostProfile } from './host-profile.js';

const names: readonly (readonly [string, string])[] = [
  ['windows-10-1909', 'windows-10-1909'],
  ['Windows 10 1909', 'windows-10-1909'],
  ['Windows 10, version 1909', 'windows-10-1909'],
  ['win10 1909', 'windows-10-1909'],
  ['W10-1909', 'windows-10-1909'],
  ['Windows Server 2019', 'windows-server-2019'],
  ['Microsoft Windows Server 2019 Datacenter', 'windows-server-2019'],
  ['ws2019', 'windows-server-2019'],
  ['ltsc2019', 'windows-server-2019'],
  ['Windows Server, version 1909', 'windows-server-1909'],
  ['windows-server-20H2', 'windows-server-20h2'],
  ['Windows Server, version 23H2 (Annual Channel for Containers)', 'windows-server-23h2'],
  ['Windows 11 Pro 24H2', 'windows-11-24h2'],
  ['win11', 'windows-11-25h2'],
  ['18363', 'windows-server-1909'],
  ['10.0.22631.1', 'windows-11-23h2'],
  ['17763', 'windows-server-2019'],
  ['ANY', 'any'],
];

test('a host is found by its id, its build, and its name as people write it', () => {
  for (const [words, id] of names) assert.equal(hostProfile(words).id, id, words);
  for (const id of hostIds) assert.equal(hostProfile(id).id, id);
  for (const { id, name } of hostReleases) assert.equal(hostProfile(name).id, id, name);
});

test('a version with four numbers sets the revision that is presented', () => {
  assert.equal(hostProfile('10.0.18363.900').revision, 900);
  assert.equal(hostProfile('18363').revision, 1556);
  assert.equal(hostProfile('18363', { revision: 1 }).revision, 1);
});

test('a revision that no Windows version can have is refused', () => {
  for (const revision of [Number.NaN, -5, 1.5, 65_536])
    assert.throws(() => hostProfile('18363', { revision }), { code: 'invalid-argument' }, String(revision));
});

test('an unknown host is refused with the nearest ids, whatever the text', () => {
  assert.throws(() => hostProfile('windows-10-1910'), { code: 'not-found', hint: /windows-10-1909/u });
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      try {
        assert.ok(hostIds.includes(hostProfile(text).id));
      } catch (error) {
        assert.ok(error instanceof WindowboxError && error.code === 'not-found', String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test('a host runs the newest Docker that starts on it, and an edition that has containers', () => {
  assert.equal(hostProfile('windows-10-1803').engine, '20.10.24');
  assert.equal(hostProfile('windows-10-1809').engine, '29.0.1');
  assert.equal(hostProfile('ws2022', { edition: 'standard' }).edition, 'Standard');
  assert.equal(hostProfile('win11', { edition: 'iot-enterprise' }).edition, 'IoT Enterprise');
  assert.throws(() => hostProfile('ws2022', { edition: 'Pro' }), {
    code: 'invalid-argument',
    hint: /Standard, Datacenter/u,
  });
  assert.throws(() => hostProfile('ws2022', { engine: 'new' }), { code: 'invalid-argument' });
});
