import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isErrorCode } from '../errors/index.js';
import { decodeFileFrames, encodeFileFrame } from './guest-frames.js';

test('frames come back as they were sent, however the bytes are cut', () => {
  const frames = fc.array(fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 300 })), { maxLength: 10 });
  fc.assert(
    fc.property(frames, fc.nat(), (sent, cut) => {
      const bytes = Buffer.concat(sent.map(([type, data]) => encodeFileFrame(type, data)));
      const at = cut % (bytes.length + 1);
      const first = decodeFileFrames(bytes.subarray(0, at));
      const second = decodeFileFrames(Buffer.concat([first.rest, bytes.subarray(at)]));
      const received = [...first.frames, ...second.frames].map(({ type, data }) => [type, Uint8Array.from(data)]);
      assert.deepEqual(received, sent);
      assert.equal(second.rest.length, 0);
    }),
  );
});

test('a length that no frame has is refused before anything is kept', () => {
  for (const length of [0, 65_538, 0xffff_ffff]) {
    const head = Buffer.alloc(5);
    head.writeUInt32LE(length);
    assert.throws(() => decodeFileFrames(head), { code: 'data-loss' });
  }
});

test('whatever a guest sends is frames, a rest, or a refusal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      try {
        const { frames, rest } = decodeFileFrames(Buffer.from(bytes));
        const sizes = frames.reduce((sum, { data }) => sum + data.length + 5, 0);
        assert.equal(sizes + rest.length, bytes.length);
      } catch (error) {
        assert.ok(isErrorCode(error, 'data-loss'));
      }
    }),
  );
});
