import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerRecord } from '../container.js';
import { restartDelay, shouldRestart } from './restart-policy.js';

test('a policy decides by its name, the exit code, the count and whether the user stopped the container', () => {
  const rows: readonly (readonly [
    name: string,
    max: number,
    count: number,
    byUser: boolean,
    exitCode: number,
    expected: boolean,
  ])[] = [
    ['no', 0, 0, false, 1, false],
    ['always', 0, 99, false, 0, true],
    ['always', 0, 0, true, 0, false],
    ['unless-stopped', 0, 0, false, 0, true],
    ['unless-stopped', 0, 0, true, 1, false],
    ['on-failure', 0, 99, false, 3, true],
    ['on-failure', 0, 0, false, 0, false],
    ['on-failure', 2, 1, false, 3, true],
    ['on-failure', 2, 2, false, 3, false],
  ];
  for (const [name, maximumRetryCount, restartCount, stoppedByUser, exitCode, expected] of rows) {
    const record = {
      settings: { restartPolicy: { name, maximumRetryCount } },
      restartCount,
      stoppedByUser,
    } as ContainerRecord;
    assert.equal(
      shouldRestart(record, { exitCode }),
      expected,
      `${name} ${String(maximumRetryCount)} ${String(restartCount)}`,
    );
  }
});

test('the wait doubles from 100 ms to a minute and begins anew after a run of ten seconds', () => {
  assert.deepEqual(
    [0, 1, 2, 9, 10, 50].map((restartCount) => restartDelay({ restartCount }, 0)),
    [100, 200, 400, 51_200, 60_000, 60_000],
  );
  assert.equal(restartDelay({ restartCount: 50 }, 10_000), 100);
});
