import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { LogEntry, LogOptions } from '../types.js';
import { parseLogLimits } from './log-files.js';
import { type LogWriter, openLogWriter } from './log-writer.js';
import { readLog } from './read-log.js';
import { inspectLog } from './read-records.js';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wb-log-'));
  path = join(folder, 'container.log');
});
afterEach(() => rm(folder, { recursive: true }));

const all: LogOptions = { stdout: true, stderr: true, follow: false, since: 0n, until: 0n, tail: undefined };
const logger = { info: () => undefined, warn: () => undefined };
const silent = { path: '', nextWrite: () => Promise.resolve(false) };

test('lines come back whole with the time of their first byte, streams apart, bytes untouched', async () => {
  const log = await open();
  await write(log, [
    ['stdout', 'one\ntw', 1n],
    ['stderr', 'oops\n', 2n],
    ['stdout', Uint8Array.of(0xff, 0x00, 0x0a), 3n],
    ['stdout', 'unfinished', 4n],
  ]);
  const entries = await collect(readLog({ ...silent, path }, all));
  assert.deepEqual(
    entries.map(({ stream, time, data }) => [stream, time, Buffer.from(data).toString('latin1')]),
    [
      ['stdout', 1n, 'one\n'],
      ['stderr', 2n, 'oops\n'],
      ['stdout', 1n, 'tw\u00ff\u0000\n'],
      ['stdout', 4n, 'unfinished'],
    ],
  );
  await log.close();
});

test('tail counts lines, stream and time select them', async () => {
  const log = await open();
  await write(log, [
    ['stdout', 'a\nb\nc\n', 1n],
    ['stderr', 'd\n', 5n],
    ['stdout', 'e', 9n],
  ]);
  const rows: readonly (readonly [Partial<LogOptions>, string])[] = [
    [{}, 'a b c d e'],
    [{ tail: 2 }, 'd e'],
    [{ tail: 0 }, ''],
    [{ tail: 99 }, 'a b c d e'],
    [{ stderr: false, tail: 2 }, 'c e'],
    [{ stdout: false }, 'd'],
    [{ since: 5n }, 'd e'],
    [{ until: 5n }, 'a b c d'],
  ];
  for (const [options, expected] of rows) {
    const entries = await collect(readLog({ ...silent, path }, { ...all, ...options }));
    assert.equal(
      entries.map(({ data }) => Buffer.from(data).toString().trim()).join(' '),
      expected,
      JSON.stringify(options, (_, value: unknown) => String(value)),
    );
  }
  await log.close();
});

test('a log is rotated at its bound, never holds more files than allowed, and is read across them', async () => {
  const log = await open({ maxSize: 4096, maxFiles: 3 });
  for (let number = 1; number <= 200; number += 1)
    await write(log, [['stdout', `line ${String(number)} ${'x'.repeat(90)}\n`, BigInt(number)]]);
  const files = await readdir(folder);
  assert.equal(files.length, 3);
  for (const file of files) assert.ok((await stat(join(folder, file))).size < 4096 + 200);
  const entries = await collect(readLog({ ...silent, path }, all));
  assert.equal(entries.at(-1)?.time, 200n);
  assert.deepEqual(
    entries.map(({ time }) => time),
    Array.from(entries, (_, index) => 200n - BigInt(entries.length - 1 - index)),
  );
  await log.close();
});

test('records that wait together do not make a file outgrow its bound by more than one', async () => {
  const log = await open({ maxSize: 4096, maxFiles: 9 });
  const line = Buffer.from(`${'x'.repeat(75)}\n`);
  await Promise.all(
    Array.from({ length: 200 }, async (_unused, index) =>
      log.append({ stream: 'stdout', time: 1n, sequence: index + 1, data: line }),
    ),
  );
  for (const file of await readdir(folder)) assert.ok((await stat(join(folder, file))).size < 4096 + 100, file);
  assert.equal((await collect(readLog({ ...silent, path }, all))).length, 200);
  await log.close();
});

test('half a record at the end, as a power cut leaves it, hides nothing before or after it, and the last number is known', async () => {
  const log = await open();
  await write(log, [['stdout', 'whole\n', 7n]]);
  await log.close();
  await appendFile(path, Buffer.from([200, 0, 0, 0, 1, 0, 0, 0]));
  assert.equal((await collect(readLog({ ...silent, path }, all))).length, 1);
  assert.equal((await inspectLog(path)).lastSequence, 7);
  const next = await open();
  await next.beginRun();
  assert.equal((await inspectLog(path)).lastSequence, 0);
  await write(next, [['stdout', 'after\n', 1n]]);
  assert.equal((await collect(readLog({ ...silent, path }, all))).length, 2);
  await next.close();
});

test('following gives what is written later, and ends with the program', async () => {
  const log = await open({ maxSize: 4096, maxFiles: 9 });
  let running = true;
  const nextWrite = async (): Promise<boolean> =>
    running
      ? new Promise((resolve) => {
          const once = (): void => {
            log.listeners.delete(once);
            resolve(running);
          };
          log.listeners.add(once);
        })
      : false;
  const reading = collect(readLog({ path, nextWrite }, { ...all, follow: true }));
  for (let number = 1; number <= 60; number += 1)
    await write(log, [['stdout', `${String(number)}${'y'.repeat(80)}\n`, BigInt(number)]]);
  running = false;
  await write(log, [['stdout', 'last\n', 61n]]);
  assert.deepEqual(
    (await reading).map(({ time }) => Number(time)),
    Array.from({ length: 61 }, (_, index) => index + 1),
  );
  await log.close();
});

test('options of the driver are checked by name and value', () => {
  assert.deepEqual(parseLogLimits({ 'max-size': '10k', 'max-file': '3' }), { maxSize: 10_240, maxFiles: 3 });
  assert.throws(() => parseLogLimits({ 'max-size': 'big' }), /invalid value for max-size: big/u);
  assert.throws(() => parseLogLimits({ 'max-file': '0' }), /invalid value for max-file: 0/u);
  assert.throws(() => parseLogLimits({ colour: 'red' }), /unknown log opt 'colour' for json-file log driver/u);
});

async function open(limits = { maxSize: 1 << 20, maxFiles: 2 }): Promise<LogWriter> {
  return openLogWriter({ path, limits, logger });
}

async function write(
  log: LogWriter,
  records: readonly (readonly ['stdout' | 'stderr', string | Uint8Array, bigint])[],
): Promise<void> {
  for (const [stream, content, time] of records) {
    const data = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    await log.append({ stream, data, time, sequence: Number(time) });
  }
}

async function collect(entries: AsyncIterable<LogEntry>): Promise<LogEntry[]> {
  const result: LogEntry[] = [];
  for await (const entry of entries) result.push(entry);
  return result;
}
