import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contains, formatAddress, formatSubnet, overlaps, parseAddress, parseSubnet } from './ipv4.js';

test('an address is four decimal numbers up to 255 without leading zeros', () => {
  for (const good of ['0.0.0.0', '172.29.0.1', '255.255.255.255'])
    assert.equal(formatAddress(parseAddress(good) ?? -1), good);
  for (const bad of ['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.x', '1.2.3.4 '])
    assert.equal(parseAddress(bad), undefined, bad);
});

test('a subnet begins at its first address, whatever address was written', () => {
  assert.equal(formatSubnet(parseSubnet('10.1.2.3/16')), '10.1.0.0/16');
  for (const bad of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/31', 'x/24', '10.0.0/24'])
    assert.throws(() => parseSubnet(bad), /invalid subnet/u, bad);
});

test('subnets overlap when one holds the other', () => {
  assert.equal(overlaps(parseSubnet('10.0.0.0/8'), parseSubnet('10.9.0.0/16')), true);
  assert.equal(overlaps(parseSubnet('10.9.0.0/16'), parseSubnet('10.0.0.0/8')), true);
  assert.equal(overlaps(parseSubnet('10.8.0.0/16'), parseSubnet('10.9.0.0/16')), false);
  assert.equal(contains(parseSubnet('10.9.0.0/16'), parseAddress('10.9.255.255') ?? 0), true);
});
