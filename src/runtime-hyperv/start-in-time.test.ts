import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxProcess } from '../runtime/index.js';
import { inTime } from './start-in-time.js';

/** A program that notes how it is ended. */
function program(ended: number[]): SandboxProcess {
  return {
    number: 1,
    pid: 8,
    write: async () => undefined,
    closeStdin: () => undefined,
    resize: () => undefined,
    control: () => undefined,
    terminate: (code) => ended.push(code),
  };
}

test('a program that starts in time is the caller’s', async () => {
  const ended: number[] = [];
  const started = program(ended);
  assert.equal(await inTime(Promise.resolve(started), 50), started);
  await sleep(80);
  assert.deepEqual(ended, []);
});

test('a start without an answer fails with the reason, and a program that starts later is ended', async () => {
  const ended: number[] = [];
  const late = sleep(60).then(() => program(ended));
  await assert.rejects(inTime(late, 20), { code: 'timeout', message: /its VM did not start it in 0\.02 s/u });
  await late;
  await sleep(0);
  assert.deepEqual(ended, [1]);
});

test('what the guest says of a start is passed on', async () => {
  await assert.rejects(inTime(Promise.reject(new Error('no such program')), 20), /no such program/u);
});
