import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStreamHub, type HubSubscription } from './stream-hub.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('every client gets every piece in order, and ends when the program ends', async () => {
  const hub = createStreamHub();
  const clients = [hub.subscribe(), hub.subscribe()];
  await hub.publish({ stream: 'stdout', data: bytes('a') });
  await hub.publish({ stream: 'stderr', data: bytes('b') });
  hub.end();
  for (const client of clients) assert.equal(await textOf(client), 'stdout:a stderr:b ');
});

test('a client that does not read holds the program back until it reads or goes', async () => {
  const hub = createStreamHub();
  const slow = hub.subscribe();
  let free = false;
  const published = Promise.resolve(hub.publish({ stream: 'stdout', data: new Uint8Array(300 * 1024) })).then(() => {
    free = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(free, false);
  slow.close();
  await published;
});

test('without clients nothing is held back', () => {
  assert.equal(createStreamHub().publish({ stream: 'stdout', data: new Uint8Array(1 << 20) }), undefined);
});

test('input that comes before the program waits for it, its end too', async () => {
  const hub = createStreamHub();
  const got: string[] = [];
  const written = hub.write(bytes('early')).then(() => {
    hub.closeInput();
  });
  hub.setInput({
    write: (data) => {
      got.push(new TextDecoder().decode(data));
      return Promise.resolve();
    },
    close: () => got.push('end'),
  });
  await written;
  assert.deepEqual(got, ['early', 'end']);
});

async function textOf(subscription: HubSubscription): Promise<string> {
  let text = '';
  for await (const { stream, data } of subscription) text += `${stream}:${new TextDecoder().decode(data)} `;
  return text;
}
