import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeRequest, openControlLink, printable } from './control-link.js';

/** A guest that answers every request with the same bytes. */
function fakeGuest(answer: readonly Uint8Array[]): Duplex {
  const stream = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => {
      setImmediate(() => {
        for (const part of answer) stream.push(part);
      });
      done();
    },
  });
  return stream;
}

function answerOf(status: number, text: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32LE(Buffer.byteLength(text) + 1);
  head[4] = status;
  return Buffer.concat([head, Buffer.from(text)]);
}

test('a request is its strings, each ended, after their length', () => {
  assert.deepEqual(encodeRequest(['ping', 'é']), Buffer.from('\u0008\0\0\0ping\0é\0'));
});

test('an answer may come in pieces', async () => {
  const whole = answerOf(0, '-1');
  const link = openControlLink(fakeGuest([whole.subarray(0, 3), whole.subarray(3, 6), whole.subarray(6)]));
  assert.equal(await link.ask(['ping'], 1000), '-1');
  link.close();
});

test("a refusal is an error with the guest's reason, made harmless for a terminal", async () => {
  const link = openControlLink(fakeGuest([answerOf(1, 'no \u001b[31mdisk\n')]));
  await assert.rejects(link.ask(['merge'], 1000), { code: 'internal', message: 'Cannot set up the VM: no  [31mdisk ' });
  link.close();
});

const lengths = [0, 8193, 65_536, 0xffff_ffff];
for (const length of lengths)
  test(`an answer of ${String(length)} bytes ends the connection`, async () => {
    const head = Buffer.alloc(5);
    head.writeUInt32LE(length);
    const link = openControlLink(fakeGuest([head]));
    await assert.rejects(link.ask(['ping'], 1000), { code: 'unavailable' });
    await assert.rejects(link.ask(['ping'], 1000), { code: 'unavailable' });
  });

test('a guest that does not answer is a time limit, and the connection is over', async () => {
  const link = openControlLink(fakeGuest([]));
  await assert.rejects(link.ask(['ping'], 20), { code: 'timeout' });
});

test('whatever a guest sends, an ask settles', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 5, maxLength: 200 }), async (bytes) => {
      const link = openControlLink(fakeGuest([bytes]));
      const settled = await Promise.allSettled([link.ask(['ping'], 30)]);
      assert.equal(settled.length, 1);
      link.close();
    }),
    { numRuns: 60 },
  );
});

test('a text of the guest has no control characters and no more than 500 characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      const shown = printable(text);
      assert.ok(shown.length <= 500);
      assert.ok(!shown.split('').some((letter) => letter < ' ' || (letter >= '\u007f' && letter <= '\u009f')));
    }),
  );
});
