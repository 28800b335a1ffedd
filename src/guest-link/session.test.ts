import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { connectGuest } from './connect-guest.js';
import { decodeFrames, encodeFrame, type Frame } from './frame.js';
import { protocol, toGuest, toHost } from './protocol.js';
import type { GuestSession } from './types.js';

/** The guest's end of a connection, played by the test. */
interface Guest {
  readonly received: Frame[];
  send(type: number, frame?: { process?: number; number?: number; stream?: number; payload?: Uint8Array }): void;
  sendBytes(bytes: Uint8Array): void;
}

test('bytes of an earlier session before WELCOME are skipped', async () => {
  const { session, guest } = await open({ before: Buffer.from('rubbish WBX1 and half a frame') });
  assert.deepEqual(await top(session, guest), []);
  session.close();
});

test('output is acknowledged only when its listener is done, and other programs do not wait for it', async () => {
  const { session, guest } = await open({ alive: [1, 2] });
  let finish: () => void = () => undefined;
  session.adopt(1, { onOutput: async () => new Promise<void>((resolve) => (finish = resolve)), onExit: fail });
  session.adopt(2, { onOutput: () => undefined, onExit: fail });
  guest.send(toHost.OUTPUT, { process: 1, number: 1, stream: 1, payload: Buffer.from('slow') });
  guest.send(toHost.OUTPUT, { process: 2, number: 2, stream: 1, payload: Buffer.from('quick') });
  await until(() => acks(guest).length === 1);
  assert.deepEqual(acks(guest), [[2, 2]]);
  finish();
  await until(() => acks(guest).length === 2);
  assert.deepEqual(acks(guest), [
    [2, 2],
    [1, 1],
  ]);
  session.close();
});

test('frames of a program wait until it is adopted, and the exit comes after the last output', async () => {
  const { session, guest } = await open({ alive: [1] });
  guest.send(toHost.OUTPUT, { process: 1, number: 7, stream: 2, payload: Buffer.from('err') });
  guest.send(toHost.EXITED, { process: 1, number: 8, payload: u32(0xc000013a) });
  await sleep(20);
  assert.deepEqual(acks(guest), []);
  const seen: unknown[] = [];
  session.adopt(1, {
    onOutput: async ({ stream, sequence }) => {
      await sleep(5);
      seen.push([stream, sequence]);
    },
    onExit: (code, sequence) => seen.push([code, sequence]),
  });
  await until(() => acks(guest).at(-1)?.[1] === 8);
  assert.deepEqual(seen, [
    ['stderr', 7],
    [0xc000013a, 8],
  ]);
  assert.deepEqual(acks(guest).at(-1), [1, 8]);
  session.close();
});

test('a write resolves only when the guest has granted room for it', async () => {
  const { session, guest } = await open({ alive: [1], room: 10 });
  const process = session.adopt(1, { onOutput: () => undefined, onExit: fail });
  let written = false;
  const write = process.write(Buffer.alloc(25)).then(() => (written = true));
  await sleep(20);
  assert.equal(stdinBytes(guest), 10);
  assert.equal(written, false);
  guest.send(toHost.CREDIT_STDIN, { process: 1, payload: u32(15) });
  await write;
  process.closeStdin();
  await until(() => guest.received.at(-1)?.type === toGuest.STDIN_CLOSE);
  assert.equal(stdinBytes(guest), 25);
  assert.equal(guest.received.at(-1)?.type, toGuest.STDIN_CLOSE);
  session.close();
});

test('when the connection ends, what waits is rejected with unavailable', async () => {
  const { session, guest } = await open({});
  const start = session.start(
    { number: 1, command: 'x', cwd: 'C:\\', env: {}, user: 'ContainerUser', stdin: false },
    { onOutput: () => undefined, onExit: fail },
  );
  const list = session.top();
  guest.sendBytes(Buffer.alloc(40, 0xff));
  await assert.rejects(start, { code: 'unavailable' });
  await assert.rejects(list, { code: 'unavailable' });
  assert.equal((await session.closed).how, 'broken');
});

const breaches: readonly (readonly [string, (guest: Guest) => void])[] = [
  [
    'a frame longer than the protocol allows',
    (guest) => {
      guest.sendBytes(headerOf(protocol.PAYLOAD_MAX + 1, toHost.OUTPUT));
    },
  ],
  [
    'an unknown type',
    (guest) => {
      guest.send(0x7f);
    },
  ],
  [
    'output of a program that there is not',
    (guest) => {
      guest.send(toHost.OUTPUT, { process: 9, number: 1, stream: 1 });
    },
  ],
  [
    'output on a stream that there is not',
    (guest) => {
      guest.send(toHost.OUTPUT, { process: 1, number: 1, stream: 3 });
    },
  ],
  [
    'a number twice',
    (guest) => {
      for (const number of [4, 4]) guest.send(toHost.OUTPUT, { process: 1, number, stream: 1 });
    },
  ],
  [
    'output beyond the window',
    (guest) => {
      for (let number = 1; number <= 5; number++)
        guest.send(toHost.OUTPUT, { process: 1, number, stream: 1, payload: Buffer.alloc(protocol.PAYLOAD_MAX) });
    },
  ],
  [
    'more room than the window',
    (guest) => {
      guest.send(toHost.CREDIT_STDIN, { process: 1, payload: u32(protocol.WINDOW + 1) });
    },
  ],
  [
    'a frame after the end',
    (guest) => {
      guest.send(toHost.EXITED, { process: 1, number: 1, payload: u32(0) });
      guest.send(toHost.OUTPUT, { process: 1, number: 2, stream: 1 });
    },
  ],
  [
    'a list of processes that nobody asked for',
    (guest) => {
      guest.send(toHost.TOP_REPLY, { payload: Buffer.from('a\t1\t1\t1\t1\n') });
    },
  ],
  [
    'an exit without a code',
    (guest) => {
      guest.send(toHost.EXITED, { process: 1, number: 1 });
    },
  ],
];

for (const [name, act] of breaches)
  test(`the connection ends on ${name}`, async () => {
    const { session, guest } = await open({ alive: [1] });
    act(guest);
    assert.equal((await session.closed).how, 'broken');
  });

test('whatever bytes a guest sends, nothing is thrown and the session ends or goes on', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(hostileFrame, { maxLength: 12 }),
      fc.integer({ min: 1, max: 64 }),
      async (frames, step) => {
        const { session, guest } = await open({ alive: [1, 2] });
        session.adopt(1, { onOutput: () => undefined, onExit: () => undefined });
        const bytes = Buffer.concat(frames);
        for (let at = 0; at < bytes.length; at += step) guest.sendBytes(bytes.subarray(at, at + step));
        await sleep(0);
        session.close();
        await session.closed;
      },
    ),
    { numRuns: 200 },
  );
});

const hostileFrame = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc
    .record({
      type: fc.constantFrom(...Object.values(toHost), 0, 0x7f),
      process: fc.integer({ min: 0, max: 3 }),
      number: fc.integer({ min: 0, max: 5 }),
      stream: fc.integer({ min: 0, max: 3 }),
      payload: fc.uint8Array({ maxLength: 20 }),
    })
    .map((frame) => frameBytes(frame.type, frame)),
);

async function open(options: {
  readonly before?: Buffer;
  readonly alive?: readonly number[];
  readonly room?: number;
}): Promise<{ session: GuestSession; guest: Guest }> {
  const received: Frame[] = [];
  let rest: Buffer = Buffer.alloc(0);
  const sendBytes = (bytes: Uint8Array): void => {
    if (!transport.destroyed) transport.push(bytes);
  };
  const transport = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      const decoded = decodeFrames(Buffer.concat([rest, chunk]));
      rest = decoded.rest;
      for (const frame of decoded.frames) {
        received.push(frame);
        if (frame.type === toGuest.HELLO) welcome(frame);
      }
      done();
    },
  });
  const send: Guest['send'] = (type, frame = {}) => {
    sendBytes(frameBytes(type, frame));
  };
  const welcome = (hello: Frame): void => {
    if (options.before) sendBytes(options.before);
    send(toHost.WELCOME, { payload: Buffer.concat([hello.payload.subarray(0, 8), hello.payload.subarray(16)]) });
    for (const process of options.alive ?? [])
      send(toHost.ALIVE, {
        process,
        payload: Buffer.concat([u32(100 + process), u32(options.room ?? protocol.WINDOW)]),
      });
    send(toHost.READY);
  };
  const session = await connectGuest(transport, { last: 0, timeoutMs: 5000 });
  return { session, guest: { received, send, sendBytes } };
}

async function top(session: GuestSession, guest: Guest): Promise<readonly unknown[]> {
  const list = session.top();
  guest.send(toHost.TOP_REPLY);
  return list;
}

function frameBytes(
  type: number,
  frame: { process?: number; number?: number; stream?: number; payload?: Uint8Array },
): Buffer {
  const bytes = encodeFrame(type, frame);
  bytes.writeUInt8(frame.stream ?? 0, 5);
  bytes.writeBigUInt64LE(BigInt(frame.number ?? 0), 12);
  return bytes;
}

function headerOf(length: number, type: number): Buffer {
  const bytes = encodeFrame(type);
  bytes.writeUInt32LE(length, 0);
  return bytes;
}

function acks(guest: Guest): readonly (readonly number[])[] {
  return guest.received
    .filter(({ type }) => type === toGuest.ACK)
    .map(({ process, payload }) => [process, Number(payload.readBigUInt64LE(0))]);
}

function stdinBytes(guest: Guest): number {
  return guest.received
    .filter(({ type }) => type === toGuest.STDIN_DATA)
    .reduce((sum, { payload }) => sum + payload.length, 0);
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 1000, 'did not come true within 5 s');
    await sleep(5);
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function fail(): void {
  assert.fail('the program has not ended');
}
