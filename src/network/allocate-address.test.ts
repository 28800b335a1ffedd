import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateAddress, macOf } from './allocate-address.js';
import type { NetworkRecord } from './types.js';

const network: NetworkRecord = {
  id: 'n', name: 'n', driver: 'nat', createdAt: 0, subnet: '10.1.0.0/29', gateway: '10.1.0.1', range: '', internal: false,
  attachable: false, labels: {}, options: {}, bridge: 'b', builtIn: false,
}; // prettier-ignore

test('addresses are given in order, without network, gateway and broadcast, until none is left', () => {
  const taken = new Set<string>();
  for (const expected of ['10.1.0.2', '10.1.0.3', '10.1.0.4', '10.1.0.5', '10.1.0.6']) {
    assert.equal(allocateAddress(network, taken, ''), expected);
    taken.add(expected);
  }
  assert.throws(() => allocateAddress(network, taken, ''), /no available IPv4 addresses/u);
});

test('a wanted address must be of the subnet and free', () => {
  assert.equal(allocateAddress(network, new Set(), '10.1.0.5'), '10.1.0.5');
  for (const [wanted, text] of [
    ['10.2.0.5', /no configured subnet contains IP address 10\.2\.0\.5/u],
    ['10.1.0.1', /Address already in use/u],
    ['10.1.0.7', /Address already in use/u],
    ['x', /invalid IPv4 address: x/u],
  ] as const)
    assert.throws(() => allocateAddress(network, new Set(), wanted), text);
});

test('a range bounds what is given, not what may be asked for', () => {
  const ranged = { ...network, range: '10.1.0.4/30' };
  assert.equal(allocateAddress(ranged, new Set(), ''), '10.1.0.4');
  assert.equal(allocateAddress(ranged, new Set(), '10.1.0.2'), '10.1.0.2');
});

test('a MAC address follows from the address', () => {
  assert.equal(macOf('172.29.0.10'), '02:42:ac:1d:00:0a');
});
