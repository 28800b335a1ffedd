import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeKeptSpools } from './kept-spools.js';
import type { Spool } from './spool.js';

function fakeSpool(size: number, closed: number[]): Spool {
  return {
    take: async () => Promise.reject(new Error('nothing comes')),
    read: () => {
      throw new Error('nothing is read');
    },
    size: () => size,
    close: () => {
      closed.push(size);
    },
  };
}

test('of what is kept the last gigabyte stays, each is taken once, and clearing says how much it was', () => {
  const closed: number[] = [];
  const spools = makeKeptSpools();
  const half = 2 ** 29;
  for (const [key, size] of [
    ['one', half],
    ['two', half + 1],
    ['three', 3],
    ['three', 4],
  ] as const)
    spools.keep(key, { spool: fakeSpool(size, closed), contents: new Map() });
  assert.deepEqual(closed, [half, 3]);
  assert.equal(spools.take('one'), undefined);
  assert.equal(spools.take('three')?.spool.size(), 4);
  assert.equal(spools.take('three'), undefined);
  assert.equal(spools.clear(), half + 1);
  assert.deepEqual(closed, [half, 3, half + 1]);
});

test('of very many small ones few stay', () => {
  const closed: number[] = [];
  const spools = makeKeptSpools();
  for (let key = 1; key <= 20; key += 1)
    spools.keep(String(key), { spool: fakeSpool(key, closed), contents: new Map() });
  assert.deepEqual(closed, [1, 2, 3, 4]);
});
