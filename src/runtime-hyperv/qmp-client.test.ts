import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { openQmp } from './qmp-client.js';

/** A QEMU that answers each line with what `reply` makes of it. */
function fakeQemu(reply: (command: string, id: number) => readonly string[]): Duplex {
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      const request: unknown = JSON.parse(chunk.toString());
      assert.ok(typeof request === 'object' && request !== null && 'execute' in request && 'id' in request);
      for (const line of reply(String(request.execute), Number(request.id))) stream.push(line);
      done();
    },
  });
  return stream;
}

const ok = (id: number): string => `${JSON.stringify({ return: {}, id })}\n`;

test('a command resolves with its own answer, however the bytes are cut', async () => {
  const qmp = await openQmp(
    fakeQemu((command, id) =>
      command === 'query-status'
        ? ['{"event":"STOP"}\n', '{"return":{"status":', `"running"},"id":${String(id)}}`, '\n']
        : [ok(id)],
    ),
  );
  assert.deepEqual(await qmp.execute('query-status'), { status: 'running' });
  qmp.close();
});

test('an error of QEMU is an error with its words', async () => {
  const qmp = await openQmp(
    fakeQemu((command, id) =>
      command === 'cont' ? [`${JSON.stringify({ error: { class: 'GenericError', desc: 'no' }, id })}\n`] : [ok(id)],
    ),
  );
  await assert.rejects(qmp.execute('cont'), { code: 'internal', message: 'Cannot run "cont" in the VM: no' });
  qmp.close();
});

test('commands under way fail when QEMU hangs up, and later ones too', async () => {
  const stream = fakeQemu((command, id) => (command === 'stop' ? [] : [ok(id)]));
  const qmp = await openQmp(stream);
  const waiting = assert.rejects(qmp.execute('stop'), { code: 'unavailable' });
  stream.destroy();
  await waiting;
  await qmp.closed;
  await assert.rejects(qmp.execute('cont'), { code: 'unavailable' });
});

test('a line without an end ends the connection instead of filling memory', async () => {
  const stream = fakeQemu((_command, id) => [ok(id)]);
  const qmp = await openQmp(stream);
  stream.push('x'.repeat((1 << 20) + 1));
  await qmp.closed;
});

test('whatever QEMU sends, nothing is thrown and a right answer is still found', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.string(), fc.json()), { maxLength: 20 }), async (noise) => {
      const lines = noise.map((line) => `${line.replaceAll('\n', ' ').replaceAll('"id"', '"no"')}\n`);
      const qmp = await openQmp(fakeQemu((_command, id) => [...lines, ok(id)]));
      assert.deepEqual(await qmp.execute('cont'), {});
      qmp.close();
    }),
    { numRuns: 100 },
  );
});
