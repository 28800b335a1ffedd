import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findRepository } from '../../src/platform/index.js';
import { type ClientResult, hasProgram, runClient } from '../helpers/run-client.js';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

/** Debian's docker-compose (12: 1.29, on docker-py; 13: 2.26, in Go) with a file of two services, as its users type it. */
const skip =
  hasProgram('docker-compose') && hasProgram('docker')
    ? false
    : 'docker-compose or the docker CLI is not installed (Debian: docker-compose, docker.io)';
const file = join(findRepository(), 'test/fixtures/api-compose.yml');

let daemon: TestDaemon;
before(async () => {
  daemon = await startTestDaemon();
});
after(() => daemon.close());

test('docker-compose: up, ps, logs, exec, stop, restart, run, down', { skip, timeout: 180_000 }, async () => {
  await compose('up', '-d');
  const list = await compose('ps');
  assert.match(list.stdout, /duo[-_]web[-_]1 .* Up .*0\.0\.0\.0:8080->80\/tcp/u);
  assert.match(list.stdout, /duo[-_]worker[-_]1 .* Up/u);
  const logs = await compose('logs');
  assert.match(logs.stdout, /web[-_]1 +\| web up/u);
  assert.match(logs.stdout, /worker[-_]1 +\| worker up/u);
  assert.equal((await compose('exec', '-T', 'web', 'cmd', '/c', 'echo %WHO%')).stdout, 'web\r\n');
  await compose('stop', '-t', '1', 'worker');
  await compose('restart', '-t', '1', 'worker');
  const once = await run('run', '--rm', 'worker', 'cmd', '/c', 'echo once & exit 3');
  assert.equal(once.code, 3);
  assert.match(once.stdout, /once/u);
  await compose('down', '-v');
  assert.doesNotMatch((await compose('ps')).stdout, /duo[-_]/u);
});

test(
  'docker-compose: up in the foreground follows both services until they end',
  { skip, timeout: 120_000 },
  async () => {
    const foreground = run('up');
    for (let tries = 0; tries < 100; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      if ((await names()).length === 2) break;
    }
    for (const name of await names()) await runClient('docker', ['kill', name], { host: daemon.host });
    const { stdout, stderr } = await foreground;
    assert.match(stdout, /web[-_]1 +\| web up/u);
    assert.match(stdout, /(?:duo_web_1|web-1) exited with code \d+/u);
    assert.doesNotMatch(stderr, /Traceback/u);
    await compose('down', '-v');
    assert.deepEqual(daemon.errors, []);
  },
);

async function names(): Promise<string[]> {
  const { stdout } = await runClient('docker', ['ps', '--format', '{{.Names}}'], { host: daemon.host });
  return stdout.split('\n').filter((name) => name !== '');
}

async function compose(...args: readonly string[]): Promise<ClientResult> {
  const result = await run(...args);
  assert.equal(result.code, 0, `docker-compose ${args.join(' ')}: ${result.stderr.slice(-800)}`);
  return result;
}

function run(...args: readonly string[]): Promise<ClientResult> {
  return runClient('docker-compose', ['--ansi', 'never', '-p', 'duo', '-f', file, ...args], {
    host: daemon.host,
    timeoutMs: 60_000,
  });
}
