import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMutex } from './mutex.js';

test('work runs one at a time in the order of the calls, also after a failure', async () => {
  const mutex = createMutex();
  const order: string[] = [];
  const slow = mutex.run(async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    order.push('slow');
    throw new Error('failed');
  });
  const fast = mutex.run(async () => {
    order.push('fast');
    return Promise.resolve(7);
  });
  await assert.rejects(slow, /failed/u);
  assert.equal(await fast, 7);
  assert.deepEqual(order, ['slow', 'fast']);
});
