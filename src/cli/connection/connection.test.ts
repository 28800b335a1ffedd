import assert from 'node:assert/strict';
import { type ServerResponse } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFakeDaemon, runCompiledCli } from '../testing/fake-daemon.js';
import { encodeFrame } from '../../docker-api/index.js';
import { readTar } from '../../platform/index.js';
import { describeEndpoint, resolveEndpoint } from './endpoint.js';

test('the endpoint is --host, then WINDOWBOX_HOST, then our own socket; DOCKER_HOST is not read', () => {
  const rows: readonly (readonly [flag: string | undefined, env: Record<string, string>, expected: unknown])[] = [
    [undefined, {}, { kind: 'unix', path: '/run/windowbox/windowbox.sock', own: true }],
    [undefined, { DOCKER_HOST: 'unix:///d.sock' }, { kind: 'unix', path: '/run/windowbox/windowbox.sock', own: true }],
    [undefined, { WINDOWBOX_RUN: '/r' }, { kind: 'unix', path: '/r/windowbox.sock', own: true }],
    [undefined, { WINDOWBOX_HOST: 'unix:///w.sock' }, { kind: 'unix', path: '/w.sock', own: false }],
    ['unix:///f.sock', { WINDOWBOX_HOST: 'unix:///w.sock' }, { kind: 'unix', path: '/f.sock', own: false }],
    ['tcp://box', {}, { kind: 'tcp', host: 'box', port: 2375, tls: undefined }],
    ['tcp://box:99/', {}, { kind: 'tcp', host: 'box', port: 99, tls: undefined }],
    ['tcp://[::1]:99', {}, { kind: 'tcp', host: '::1', port: 99, tls: undefined }],
  ];
  for (const [flag, env, expected] of rows) assert.deepEqual(resolveEndpoint(flag, env), expected, String(flag));
  assert.equal(describeEndpoint(resolveEndpoint('tcp://[::1]:99', {})), 'tcp://[::1]:99');
  for (const wrong of ['http://x', 'box:2375', 'tcp://', 'tcp://a:b'])
    assert.throws(() => resolveEndpoint(wrong, {}), { message: `unable to parse docker host \`${wrong}\`` });
  assert.throws(
    () => resolveEndpoint('tcp://box', { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' }),
    /ca\.pem/u,
  );
});

test('a daemon that is not there is told in Docker’s words, and an explicit one is never started', async () => {
  const result = await runCompiledCli(['-H', 'unix:///nowhere/daemon.sock', 'ps']);
  assert.equal(result.exitCode, 1);
  assert.match(
    result.stderr,
    /^Cannot connect to the Windowbox daemon at unix:\/\/\/nowhere\/daemon\.sock\. Is the windowbox daemon running\?\n/u,
  );
  const run = await runCompiledCli(['-H', 'unix:///nowhere/daemon.sock', 'run', 'x']);
  assert.equal(run.exitCode, 125);
});

test('each of several arguments is tried; what failed is told, and the result is 1', async () => {
  const daemon = await startFakeDaemon({
    'POST /containers/a/stop': { status: 204, json: undefined },
    'POST /containers/b/stop': {
      status: 404,
      json: { message: 'No such container: b', hint: 'Try "windowbox ps -a".' },
    },
    'POST /containers/c/stop': { respond: (_request, response) => response.writeHead(304).end() },
  });
  try {
    assert.deepEqual(await daemon.cli(['stop', '-t', '3', 'a', 'b', 'c']), {
      exitCode: 1,
      stdout: 'a\nc\n',
      stderr: 'Error response from daemon: No such container: b\nTry "windowbox ps -a".\n',
    });
    assert.deepEqual([...new Set(daemon.requests.map(({ query }) => query.toString()))], ['t=3']);
  } finally {
    await daemon.close();
  }
});

test('logs are split by the framing that the daemon names', async () => {
  const framed = Buffer.concat([
    encodeFrame('stdout', Buffer.from('out\n')),
    encodeFrame('stderr', Buffer.from('err\n')),
  ]);
  for (const [type, body, stdout, stderr] of [
    ['application/vnd.docker.multiplexed-stream', framed, 'out\n', 'err\n'],
    ['application/vnd.docker.raw-stream', Buffer.from('terminal\r\n'), 'terminal\r\n', ''],
  ] as const) {
    const daemon = await startFakeDaemon({
      'GET /containers/web/logs': {
        respond: (_request, response) => response.writeHead(200, { 'content-type': type }).end(body),
      },
    });
    try {
      assert.deepEqual(await daemon.cli(['logs', '--tail', '5', 'web']), { exitCode: 0, stdout, stderr });
      assert.equal(daemon.requests[0]?.query.get('tail'), '5');
    } finally {
      await daemon.close();
    }
  }
});

test('build sends the folder without what .dockerignore names, with the Dockerfile whatever it says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'windowbox-context-'));
  mkdirSync(join(folder, 'sub'));
  for (const [name, text] of [
    ['Dockerfile', 'FROM x\n'],
    ['.dockerignore', '*\n!keep.txt\n'],
    ['keep.txt', 'kept'],
    ['secret.txt', 'no'],
    ['sub/other.txt', 'no'],
  ] as const)
    writeFileSync(join(folder, name), text);
  const received: Buffer[] = [];
  const daemon = await startFakeDaemon({
    'POST /build': ({ bytes }) => {
      received.push(bytes);
      return { text: '{"stream":"Step 1/1 : FROM x\\n"}\r\n{"aux":{"ID":"sha256:1"}}\r\n' };
    },
  });
  try {
    const result = await daemon.cli(['build', '-t', 'app:1', '--build-arg', 'A=1', folder]);
    assert.deepEqual(result, { exitCode: 0, stdout: 'Step 1/1 : FROM x\n', stderr: '' });
    assert.deepEqual(await namesOf(Buffer.concat(received)), ['.dockerignore', 'Dockerfile', 'keep.txt']);
    const query = daemon.requests.find(({ route }) => route === 'POST /build')?.query;
    assert.deepEqual(
      [query?.get('t'), query?.get('buildargs'), query?.get('dockerfile')],
      ['app:1', '{"A":"1"}', 'Dockerfile'],
    );
    assert.equal((await daemon.cli(['build', '-q', folder])).stdout, 'sha256:1\n');
    const missing = await daemon.cli(['build', '-f', 'nope', folder]);
    assert.match(missing.stderr, /unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat/u);
    assert.deepEqual(await daemon.cli(['build', '-'], 'FROM y\n').then(({ exitCode }) => exitCode), 0);
    assert.deepEqual(await namesOf(received.at(-1) ?? Buffer.alloc(0)), ['Dockerfile']);
  } finally {
    await daemon.close();
    rmSync(folder, { recursive: true });
  }
});

test('a daemon that ends in the middle of an answer is told, by commands that read a line, a text or a body at a time', async () => {
  const breaks = {
    respond: (_request: unknown, response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"status":"Pulling from app"}\n', () => response.destroy());
    },
  };
  const daemon = await startFakeDaemon({
    'POST /images/create': breaks,
    'GET /containers/json': breaks,
    'GET /images/get': breaks,
  });
  try {
    for (const args of [['pull', 'app:1'], ['ps'], ['save', 'app:1']]) {
      const result = await daemon.cli(args);
      assert.equal(result.exitCode, 1, result.stderr);
      assert.match(
        result.stderr,
        /^error during connect: [A-Z]+ \/[a-z/]+: unexpected EOF\nThe daemon closed the connection\./u,
      );
    }
  } finally {
    await daemon.close();
  }
});

test('an error in the progress of a pull or build ends with its text, its hint and code 1', async () => {
  const daemon = await startFakeDaemon({
    'POST /images/create': {
      text: '{"status":"Pulling"}\r\n{"errorDetail":{"message":"no space","hint":"Free some."},"error":"no space"}\r\n',
    },
  });
  try {
    const result = await daemon.cli(['pull', 'app:1']);
    assert.deepEqual([result.exitCode, result.stderr], [1, 'no space\nFree some.\n']);
  } finally {
    await daemon.close();
  }
});

async function namesOf(tar: Buffer): Promise<readonly string[]> {
  const names: string[] = [];
  const source = (async function* whole(): AsyncGenerator<Uint8Array> {
    yield tar;
  })();
  for await (const { header } of readTar(source)) names.push(header.name);
  return names.sort();
}
