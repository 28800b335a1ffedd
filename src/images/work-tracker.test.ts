import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorkTracker } from './work-tracker.js';

test('sweeps that were asked for at once run one after the other, and never beside an act', async () => {
  const work = createWorkTracker();
  let [sweeping, acting] = [0, 0];
  const sweep = async (): Promise<number> => {
    sweeping += 1;
    assert.equal(sweeping, 1, 'one sweep');
    assert.equal(acting, 0, 'no act');
    await new Promise(setImmediate);
    sweeping -= 1;
    return 1;
  };
  const act = async (): Promise<void> => {
    acting += 1;
    assert.equal(sweeping, 0, 'no sweep');
    await new Promise(setImmediate);
    acting -= 1;
  };
  await Promise.all([
    work.sweep(sweep),
    work.sweep(sweep),
    work.sweep(sweep),
    work.during(act),
    work.during(act),
    work.sweep(sweep),
  ]);
});
