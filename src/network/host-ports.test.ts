import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostPortsOption, parseHostPorts } from './host-ports.js';

test('ports, ranges and protocols are read', () => {
  assert.deepEqual(parseHostPorts({ [hostPortsOption]: '5432, 8000-8010,514/udp' }), [
    { protocol: 'tcp', from: 5432, to: 5432 },
    { protocol: 'tcp', from: 8000, to: 8010 },
    { protocol: 'udp', from: 514, to: 514 },
  ]);
  assert.deepEqual(parseHostPorts({}), []);
});

for (const value of [
  '',
  '0',
  '65536',
  '9-8',
  '80/sctp',
  '80 -j ACCEPT',
  '80\n-A INPUT',
  ',',
  Array(65).fill('80').join(','),
])
  test(`refuses ${JSON.stringify(value.slice(0, 20))}`, () =>
    assert.throws(() => parseHostPorts({ [hostPortsOption]: value }), {
      code: 'invalid-argument',
      message: /^invalid option windowbox\.host-ports: /u,
    }));
