import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRepository, type RunResult, tryCommand } from '../../src/platform/index.js';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

/** Our own CLI and daemon, and between them one who sees what is sent. */
const bundle = join(findRepository(), 'dist/bin/cli.js');
const cli = existsSync(bundle) ? bundle : join(findRepository(), 'dist/src/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'windowbox-incremental-'));
const context = join(folder, 'context');
mkdirSync(join(folder, 'docker'));
let daemon: TestDaemon;
before(async () => {
  daemon = await startTestDaemon();
});
after(async () => {
  await daemon.close();
  rmSync(folder, { recursive: true });
});

interface Wire {
  readonly build: (...args: readonly string[]) => Promise<RunResult>;
  readonly close: () => void;
}

/** `onSent` hears what the client sends. */
async function openWire(onSent: (bytes: Buffer, end: () => void) => void): Promise<Wire> {
  const path = mkdtempSync(join(folder, 'wire-'));
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(daemon.socketPath);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) sockets.add(socket.on('error', end).on('close', end));
    client.on('data', (bytes: Buffer) => {
      onSent(bytes, end);
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(join(path, 's'), resolve));
  const env = { ...process.env, WINDOWBOX_HOST: `unix://${join(path, 's')}`, DOCKER_CONFIG: join(folder, 'docker') };
  return {
    build: async (...args) => tryCommand(process.execPath, [cli, 'build', ...args], { env, timeoutMs: 60_000 }),
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(context, name, '..'), { recursive: true });
    writeFileSync(join(context, name), content);
  }
}

const dockerfile = 'FROM mcr.microsoft.com/windows/nanoserver:ltsc2025\nCOPY one C:/one/\nCOPY two C:/two/\n';

test('of an unchanged folder no content is sent, after one change that of one file, and never what no step takes', async (t) => {
  let sent = '';
  const wire = await openWire((bytes) => {
    sent += bytes.toString('latin1');
  });
  t.after(wire.close);
  const contents = async (...args: readonly string[]): Promise<{ id: string; seen: readonly string[] }> => {
    sent = '';
    const { exitCode, stdout, stderr } = await wire.build('-q', ...args, context);
    assert.equal(exitCode, 0, stderr);
    return { id: stdout, seen: sent.match(/content-(?:\w|no)\b/gu) ?? [] };
  };
  write({
    Dockerfile: dockerfile,
    'one/a': 'content-a',
    'two/b': 'content-b',
    'two/c': 'content-c',
    other: 'content-no',
  });
  // A file that is younger has no stamp.
  await sleep(2100);
  const first = await contents();
  assert.deepEqual(first.seen, ['content-a', 'content-b', 'content-c']);
  assert.deepEqual(await contents(), { id: first.id, seen: [] });
  write({ 'two/b': 'content-B' });
  const second = await contents();
  assert.notEqual(second.id, first.id);
  assert.deepEqual(second.seen, ['content-B']);
  writeFileSync(join(folder, 'Else'), dockerfile);
  const elsewhere = await contents('-f', join(folder, 'Else'));
  assert.equal(elsewhere.id, second.id);
});

test('a daemon that is gone in the middle of a build is told, and the client ends', async (t) => {
  write({ Dockerfile: dockerfile.replace('one/', 'gone/'), 'one/a': 'content-gone', 'two/b': 'b' });
  const wire = await openWire((bytes, end) => {
    if (bytes.includes('content-gone')) end();
  });
  t.after(wire.close);
  const { exitCode, stderr } = await wire.build(context);
  assert.equal(exitCode, 1);
  assert.match(stderr, /The daemon closed the connection/u);
});

test('a file that cannot be sent as it was listed fails the build with its name and what to do', async (t) => {
  write({ Dockerfile: dockerfile.replace('one/', 'late/'), 'one/a': 'content-late', 'two/b': 'b' });
  const wire = await openWire((bytes) => {
    // The list has come: what is asked for now is another file.
    if (bytes.includes('"one/a"')) write({ 'one/a': 'content-other' });
  });
  t.after(wire.close);
  const { exitCode, stderr } = await wire.build(context);
  assert.equal(exitCode, 1);
  assert.match(stderr, /Cannot send ".*\/one\/a": it changed while the build ran\nRun the build again\.\n/u);
});

test('SOURCE_DATE_EPOCH in the environment of the client is an argument of the build, which --build-arg overrides', async (t) => {
  process.env['SOURCE_DATE_EPOCH'] = '1700000000';
  const wire = await openWire(() => {});
  t.after(() => {
    wire.close();
    delete process.env['SOURCE_DATE_EPOCH'];
  });
  write({ Dockerfile: dockerfile, 'one/a': 'a', 'two/b': 'b' });
  const build = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await wire.build('-q', '--no-cache', ...args, context);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  };
  const id = await build();
  assert.equal(await build(), id);
  assert.notEqual(await build('--build-arg', 'SOURCE_DATE_EPOCH=1600000000'), id);
});
