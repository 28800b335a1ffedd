import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeDetachWatch, parseDetachKeys } from './detach-keys.js';
import { jsonLines } from './json-lines.js';

test('detach keys are letters and control keys', () => {
  const rows = [
    ['ctrl-p,ctrl-q', [16, 17]],
    ['a', [97]],
    ['ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_', [0, 27, 28, 29, 30, 31]],
  ] as const;
  for (const [text, bytes] of rows) assert.deepEqual(parseDetachKeys(text), { value: Uint8Array.from(bytes) });
  assert.deepEqual(parseDetachKeys('ctrl-1'), { problem: "Unknown character: 'ctrl-1'" });
});

test('input is watched for the detach keys across pieces; what was only their beginning is given on', () => {
  const keys = Uint8Array.from([16, 17]);
  const rows: readonly (readonly [pieces: readonly number[][], passed: readonly number[], detached: boolean])[] = [
    [[[1, 2]], [1, 2], false],
    [[[1, 16, 17, 2]], [1], true],
    [[[1, 16], [17]], [1], true],
    [[[16], [2]], [16, 2], false],
    [[[16, 16, 17]], [16], true],
    [[[17, 16, 2, 17]], [17, 16, 2, 17], false],
  ];
  for (const [pieces, passed, detached] of rows) {
    const watch = makeDetachWatch(keys);
    const results = pieces.map((piece) => watch(Uint8Array.from(piece)));
    assert.deepEqual(
      results.flatMap(({ pass }) => [...pass]),
      passed,
    );
    assert.equal(results.at(-1)?.detached, detached);
  }
});

test('JSON lines are read whatever the pieces are, multi-byte letters included', async () => {
  const text = Buffer.from('{"a":"é"}\r\n\n{"a":"ö"}');
  for (let size = 1; size <= text.length; size++) {
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
      text.subarray(index * size, (index + 1) * size),
    );
    const source = (async function* stream(): AsyncGenerator<Uint8Array> {
      yield* pieces;
    })();
    const values: unknown[] = [];
    for await (const value of jsonLines(source)) values.push(value);
    assert.deepEqual(values, [{ a: 'é' }, { a: 'ö' }]);
  }
});
