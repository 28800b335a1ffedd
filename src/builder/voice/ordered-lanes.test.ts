import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderedLanes } from './ordered-lanes.js';

test('what waits for its turn is bounded: the end of it is kept, and it is said', () => {
  let heard = '';
  const [first, second] = orderedLanes((message) => {
    if ('stream' in message) heard += message.stream;
  }, 2);
  const line = 'x'.repeat(1023);
  for (let count = 0; count < 2000; count += 1) second?.say({ stream: `${line}${String(count % 10)}\n` });
  first?.say({ stream: 'first\n' });
  assert.equal(heard, 'first\n');
  first?.end();
  assert.match(heard, /^first\n\[output clipped: only its end was kept\]\nx/u);
  assert.ok(heard.length <= (1 << 20) + 100 && heard.endsWith('9\n'));
});
