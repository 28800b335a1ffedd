import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contains6, formatAddress6, formatSubnet6, overlaps6, parseAddress6, parseSubnet6 } from './ipv6.js';

for (const [text, form] of [
  ['fd00::1', 'fd00::1'],
  ['FD00:0:0:0:0:0:0:01', 'fd00::1'],
  ['::', '::'],
  ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
] as const)
  test(`${text} is ${form}`, () => assert.equal(formatAddress6(parseAddress6(text) ?? -1n), form));

for (const text of ['', '10.0.0.1', 'fe80::1%eth0', 'fd00::1\nflush', 'fd00::1/64', ':::'])
  test(`${JSON.stringify(text)} is no address`, () => assert.equal(parseAddress6(text), undefined));

for (const text of ['fd00::/127', 'fd00::/4', 'fd00::', 'fd00::/x', '10.0.0.0/8', 'fd00::/64/3x'])
  test(`${text} is no subnet`, () => assert.throws(() => parseSubnet6(text), /invalid CIDR block notation/u));

test('a subnet begins at its first address and knows what is in it', () => {
  const subnet = parseSubnet6('fd00:0:0:7:1::5/64');
  assert.equal(formatSubnet6(subnet), 'fd00:0:0:7::/64');
  assert.ok(contains6(subnet, parseAddress6('fd00:0:0:7:ffff:ffff:ffff:ffff') ?? -1n));
  assert.ok(!contains6(subnet, parseAddress6('fd00:0:0:8::') ?? -1n));
  assert.ok(overlaps6(subnet, parseSubnet6('fd00::/48')) && overlaps6(parseSubnet6('fd00::/48'), subnet));
  assert.ok(!overlaps6(subnet, parseSubnet6('fd00:0:0:8::/64')));
});
