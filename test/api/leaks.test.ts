import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { rawClient } from '../../src/server/testing/raw-client.js';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

/** What a daemon holds is what its containers and clients hold: of those that have gone, nothing stays. */
const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';
setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

let daemon: TestDaemon;
before(async () => {
  daemon = await startTestDaemon();
});
after(() => daemon.close());

test(
  '200 containers that were made, run and removed leave no memory, file or handle',
  { timeout: 240_000 },
  async () => {
    await times(60, oneContainer);
    const first = await held();
    await times(200, oneContainer);
    assertSame(first, await held());
  },
);

const streams: Readonly<Record<string, string>> = {
  attach: 'POST /containers/lives/attach?stream=1&stdout=1&stderr=1&stdin=1',
  'attach before 1.42': 'POST /v1.41/containers/lives/attach?stream=1&stdout=1',
  'logs that are followed': 'GET /containers/lives/logs?follow=1&stdout=1',
  events: 'GET /events?since=1',
  stats: 'GET /containers/lives/stats',
  wait: 'POST /containers/lives/wait?condition=removed',
};

test('1,200 clients that vanish while a stream goes on leave nothing', { timeout: 240_000 }, async () => {
  const cmd = ['cmd', '/c', 'echo started & wait 600'];
  await ask('POST', '/containers/create?name=lives', { Image: nano, Cmd: cmd, OpenStdin: true });
  await ask('POST', '/containers/lives/start');
  const vanish = async (): Promise<void> => {
    await Promise.all(Object.values(streams).map(vanishingClient));
  };
  await times(40, vanish);
  const first = await held();
  await times(200, vanish);
  const last = await held();
  await ask('DELETE', '/containers/lives?force=1');
  assertSame(first, last);
  assert.deepEqual(daemon.errors, []);
});

async function oneContainer(): Promise<void> {
  const { Id } = await ask('POST', '/containers/create', { Image: nano, Cmd: ['cmd', '/c', 'echo hi'] });
  await ask('POST', `/containers/${Id ?? ''}/start`);
  await ask('POST', `/containers/${Id ?? ''}/wait`);
  await ask('DELETE', `/containers/${Id ?? ''}?v=1`);
}

/** Leaves when the head of the answer has come: mostly without a goodbye, in the middle of what it is sent. */
async function vanishingClient(line: string): Promise<void> {
  const client = rawClient(daemon.socketPath);
  const upgrade = line.includes('/attach') && !line.includes('v1.41') ? 'Connection: Upgrade\r\nUpgrade: tcp\r\n' : '';
  client.send(`${line} HTTP/1.1\r\nHost: d\r\n${upgrade}Content-Length: 0\r\n\r\n`);
  await client.until('\r\n\r\n');
  client.destroy();
}

interface Held {
  readonly heap: number;
  readonly files: number;
  readonly handles: number;
}

async function held(): Promise<Held> {
  // Connections end on both sides, and finalisers run, in turns of their own.
  for (let turn = 0; turn < 4; turn += 1) {
    await sleep(100);
    collect();
  }
  return {
    heap: process.memoryUsage().heapUsed,
    files: readdirSync('/proc/self/fd').length,
    handles: process.getActiveResourcesInfo().filter((name) => name !== 'Timeout').length,
  };
}

function assertSame(first: Held, last: Held): void {
  assert.ok(last.files <= first.files, `${String(first.files)} open files became ${String(last.files)}`);
  assert.ok(last.handles <= first.handles, `${String(first.handles)} handles became ${String(last.handles)}`);
  const grown = (last.heap - first.heap) / 1024;
  assert.ok(grown < 2048, `the heap grew by ${grown.toFixed(0)} KiB`);
}

async function times(count: number, act: () => Promise<void>): Promise<void> {
  for (let index = 0; index < count; index += 1) await act();
}

async function ask(method: string, path: string, body?: unknown): Promise<{ readonly Id?: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath: daemon.socketPath, method, path, headers: { 'content-type': 'application/json' }, agent: false },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => {
          if ((answer.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${text}`));
          else resolve(text === '' ? {} : JSON.parse(text));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
