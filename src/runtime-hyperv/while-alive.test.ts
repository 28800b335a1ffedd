import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QmpClient } from './qmp-client.js';
import { whileAlive } from './while-alive.js';

interface FakeQmp extends QmpClient {
  readonly tell: (name: string) => void;
}

function fakeQmp(): FakeQmp {
  const listeners: ((name: string, data: unknown) => void)[] = [];
  let close: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (close = resolve));
  return {
    execute: async () => undefined,
    onEvent: (listener) => listeners.push(listener),
    tell: (name) => {
      for (const listener of listeners) listener(name, undefined);
    },
    closed,
    close,
  };
}

const never = new Promise<never>(() => undefined);

test('an answer of a guest that lives is passed on, and its failure too', async () => {
  const fate = { died: false, released: false };
  assert.equal(await whileAlive(fakeQmp(), fate, Promise.resolve(7)), 7);
  await assert.rejects(whileAlive(fakeQmp(), fate, Promise.reject(new Error('no room'))), /no room/u);
  assert.equal(fate.died, false);
});

test('nobody waits for a guest that went down or was killed', async () => {
  for (const end of [(qmp: FakeQmp) => qmp.tell('SHUTDOWN'), (qmp: FakeQmp) => qmp.close()]) {
    const [fate, qmp] = [{ died: false, released: false }, fakeQmp()];
    const waiting = whileAlive(qmp, fate, never);
    qmp.tell('RESUME');
    end(qmp);
    await assert.rejects(waiting, { code: 'unavailable' });
    assert.equal(fate.died, true);
  }
});

test('a guest that we end because of something else has not died', async () => {
  const [fate, qmp] = [{ died: false, released: false }, fakeQmp()];
  await assert.rejects(whileAlive(qmp, fate, Promise.reject(new Error('no way'))), /no way/u);
  fate.released = true;
  qmp.close();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(fate.died, false);
});
