import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunRequest } from '../../src/builder/index.js';
import { isErrorCode } from '../../src/errors/index.js';
import { build, openWorld } from '../helpers/build-world.js';

const from = 'FROM mcr.microsoft.com/windows/nanoserver:20348';
const skip =
  availableParallelism() < 2 ? 'this machine has one processor, so stages are built one after the other' : false;

/** Resolves when this step of the build is cancelled. */
async function untilCancelled({ signal }: RunRequest): Promise<void> {
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

test(
  'more stages than processors that stand on one stage wait for it, and not in its way',
  { timeout: 20_000 },
  async () => {
    const world = await openWorld();
    const stages = Array.from(
      { length: availableParallelism() + 2 },
      (_, index) => `FROM $BASE AS s${String(index)}\nRUN s`,
    );
    const dockerfile = `ARG BASE=first\n${from} AS first\nRUN first\n${stages.join('\n')}`;
    await build(world, dockerfile, { platform: 'windows(10.0.17763)/amd64,windows(10.0.20348)/amd64' });
    assert.equal(world.ran.filter((line) => line.includes('first')).length, 2);
    world.store.close();
  },
);

test(
  'stages that do not need each other are built at the same time, and are heard in the order of the Dockerfile',
  {
    skip,
    timeout: 20_000,
  },
  async () => {
    const world = await openWorld();
    const going = new Set<string>();
    world.act = async ({ commandLine, onOutput }) => {
      going.add(commandLine);
      while (going.size < 2) await sleep(5);
      // The first ends last.
      if (commandLine.endsWith('one')) await sleep(100);
      onOutput(Buffer.from(`${commandLine.slice(-3)} wrote\n`));
    };
    const dockerfile = `${from} AS a\nRUN one\n${from} AS b\nRUN two\n${from}\nCOPY --from=a C:/ran.txt C:/a.txt\nCOPY --from=b C:/ran.txt C:/b.txt`;
    const { said } = await build(world, dockerfile);
    assert.deepEqual(
      said
        .split('\n')
        .filter((line) => /^Step|wrote/u.test(line))
        .map((line) => line.slice(0, 9)),
      [
        'Step 1/7 ',
        'Step 2/7 ',
        'one wrote',
        'Step 3/7 ',
        'Step 4/7 ',
        'two wrote',
        'Step 5/7 ',
        'Step 6/7 ',
        'Step 7/7 ',
      ],
    );
    world.store.close();
  },
);

test('builds for several platforms go on at the same time', { skip, timeout: 20_000 }, async () => {
  const world = await openWorld();
  const going = new Set<string>();
  world.act = async ({ imageId }) => {
    going.add(imageId);
    while (going.size < 2) await sleep(5);
  };
  const platform = 'windows(10.0.17763)/amd64,windows(10.0.20348)/amd64';
  const { said } = await build(world, `${from}\nRUN go`, { platform });
  assert.deepEqual(
    said.match(/Building for \S+/gu),
    platform.split(',').map((one) => `Building for ${one}`),
  );
  world.store.close();
});

test(
  'a failure ends the other stages at once, is what is told, and shows what its own step wrote',
  {
    skip,
    timeout: 20_000,
  },
  async () => {
    const world = await openWorld();
    const seen: string[] = [];
    world.act = async (request) => {
      if (request.commandLine.endsWith('slow')) {
        seen.push('going');
        await untilCancelled(request);
        seen.push('cancelled');
        return;
      }
      while (seen.length === 0) await sleep(5);
      request.onOutput(Buffer.from('why it failed\n'));
    };
    let said = '';
    await assert.rejects(
      build(world, `${from}\nRUN slow\n${from}\nRUN exit 3`, { hear: (text) => (said += text) }),
      /The command 'cmd \/S \/C exit 3' returned a non-zero code: 3/u,
    );
    assert.deepEqual(seen, ['going', 'cancelled']);
    assert.match(said, /Step 4\/4[^]*why it failed/u);
    assert.deepEqual(readdirSync(world.host.state.work), [], 'nothing is left');
    world.store.close();
  },
);

test('a client that goes away in the middle of a RUN leaves nothing', { timeout: 20_000 }, async () => {
  const world = await openWorld();
  const client = new AbortController();
  world.act = async (request) => {
    setTimeout(() => {
      client.abort();
    }, 20);
    await untilCancelled(request);
  };
  const dockerfile = `${from}\nRUN --mount=type=cache,sharing=locked,target=C:/c --mount=target=C:/b,rw --mount=type=secret,id=s go`;
  await assert.rejects(
    build(world, dockerfile, { signal: client.signal, secrets: new Map([['s', Buffer.from('x')]]) }),
    (error) => isErrorCode(error, 'cancelled'),
  );
  assert.deepEqual(readdirSync(world.host.state.work), []);
  assert.deepEqual(
    (await world.host.state.caches.list()).map(({ inUse }) => inUse),
    [false],
  );
  assert.equal(world.removed, 1);
  world.store.close();
});
