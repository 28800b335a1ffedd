import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthState } from '../types.js';
import { nextHealth } from './health.js';

const start: HealthState = { status: 'starting', failingStreak: 0, log: [] };
const result = (exitCode: number): { start: number; end: number; exitCode: number; output: string } => ({
  start: 1,
  end: 2,
  exitCode,
  output: '',
});

function after(exitCodes: readonly number[], rule = { retries: 3, forgiving: false }): HealthState {
  return exitCodes.reduce((state, exitCode) => nextHealth(state, result(exitCode), rule), start);
}

test('one success is healthy, as many failures in a row as retries are unhealthy', () => {
  const rows: readonly (readonly [readonly number[], HealthState['status'], number])[] = [
    [[0], 'healthy', 0],
    [[1, 1], 'starting', 2],
    [[1, 1, 1], 'unhealthy', 3],
    [[0, 1, 1], 'healthy', 2],
    [[0, 1, 1, 1], 'unhealthy', 3],
    [[1, 1, 1, 0], 'healthy', 0],
  ];
  for (const [codes, status, streak] of rows) {
    const state = after(codes);
    assert.deepEqual([state.status, state.failingStreak], [status, streak], codes.join(' '));
  }
});

test('failures within the start period do not count, but are in the log', () => {
  const state = after([1, 1, 1, 1], { retries: 3, forgiving: true });
  assert.deepEqual([state.status, state.failingStreak, state.log.length], ['starting', 0, 4]);
});

test('the last five results are kept', () => {
  assert.equal(after([0, 0, 0, 0, 0, 0, 0]).log.length, 5);
});
