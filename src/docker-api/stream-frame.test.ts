import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constantFrom, integer, property, record, uint8Array } from 'fast-check';
import { createFrameDecoder, encodeFrame } from './index.js';

test('a frame is the stream, three zeros, the length and the bytes', () => {
  assert.deepEqual([...encodeFrame('stderr', Uint8Array.of(7, 8))], [2, 0, 0, 0, 0, 0, 0, 2, 7, 8]);
});

test('what is encoded is decoded again, however the bytes are cut', () => {
  const piece = record({
    stream: constantFrom('stdout', 'stderr'),
    data: uint8Array({ minLength: 1, maxLength: 40 }),
  });
  check(
    property(array(piece), integer({ min: 1, max: 13 }), (pieces, cut) => {
      const wire = Buffer.concat(pieces.map(({ stream, data }) => encodeFrame(stream as 'stdout', data)));
      const decoder = createFrameDecoder();
      const got = new Map<string, number[]>();
      for (let at = 0; at < wire.length; at += cut)
        for (const { stream, data } of decoder.push(wire.subarray(at, at + cut)))
          got.set(stream, [...(got.get(stream) ?? []), ...data]);
      for (const name of ['stdout', 'stderr']) {
        const sent = pieces.filter(({ stream }) => stream === name).flatMap(({ data }) => [...data]);
        assert.deepEqual(got.get(name) ?? [], sent);
      }
      assert.equal(decoder.isBetweenFrames, true);
    }),
  );
});

test('bytes that are no frame are refused', () => {
  assert.throws(() => createFrameDecoder().push(Buffer.from('HTTP/1.1')), /is no stream of Docker's framing/u);
});
