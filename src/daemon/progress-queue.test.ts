import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { progressQueue } from './progress-queue.js';

test('messages come in order, those of one moment too, and the error comes last', async () => {
  const seen: (string | undefined)[] = [];
  await assert.rejects(async () => {
    const messages = progressQueue(async (report) => {
      report({ status: 'a' });
      report({ status: 'b' });
      await sleep(5);
      report({ status: 'c' });
      throw new Error('failed');
    });
    for await (const { status } of messages) seen.push(status);
  }, /failed/u);
  assert.deepEqual(seen, ['a', 'b', 'c']);
});

test('work without a message ends the messages', async () => {
  for await (const message of progressQueue(async () => sleep(1))) assert.fail(JSON.stringify(message));
});
