import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeFrame } from '../../docker-api/index.js';
import { type Answer, startFakeDaemon, type FakeDaemon } from '../testing/fake-daemon.js';

const id = 'a'.repeat(64);

interface Program {
  readonly exitCode?: number;
  /** Called when the container is started. */
  readonly onStart: (attached: Socket) => void;
  readonly start?: Answer;
}

/** A daemon with one container whose program is `onStart`. The wait is answered when the program's connection ends. */
async function daemonWith({ exitCode = 0, onStart, start }: Program): Promise<FakeDaemon> {
  let attached: Socket | undefined;
  let endWait: (() => void) | undefined;
  return startFakeDaemon({
    'POST /containers/create': { status: 201, json: { Id: id, Warnings: ['mind the gap'] } },
    [`POST /containers/${id}/attach`]: {
      hijack: (socket) => {
        attached = socket;
        socket.on('close', () => endWait?.());
      },
    },
    [`POST /containers/${id}/wait`]: {
      respond: (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.flushHeaders();
        endWait = () => response.end(JSON.stringify({ StatusCode: exitCode }));
      },
    },
    [`POST /containers/${id}/start`]: () => {
      if (start !== undefined) return start;
      if (attached !== undefined) onStart(attached);
      return { status: 204, json: undefined };
    },
    [`DELETE /containers/${id}`]: { status: 204, json: undefined },
  });
}

function endAfter(socket: Socket, ...frames: readonly Uint8Array[]): void {
  for (const frame of frames) socket.write(frame);
  socket.end();
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('run keeps stdout and stderr apart, prints warnings, and ends with the program’s exit code', async () => {
  const daemon = await daemonWith({
    exitCode: 7,
    onStart: (socket) => {
      endAfter(socket, encodeFrame('stdout', bytes('out\n')), encodeFrame('stderr', bytes('err\n')));
    },
  });
  try {
    const result = await daemon.cli(['run', 'nanoserver', 'cmd', '/c', 'x', '--flag']);
    assert.deepEqual(result, { exitCode: 7, stdout: 'out\n', stderr: 'WARNING: mind the gap\nerr\n' });
    const create: unknown = JSON.parse(daemon.requests[0]?.body ?? '');
    assert.deepEqual((create as { Cmd: unknown }).Cmd, ['cmd', '/c', 'x', '--flag']);
  } finally {
    await daemon.close();
  }
});

test('run asks as little as it can: create, attach and wait together, start', async () => {
  const daemon = await daemonWith({ onStart: endAfter });
  try {
    await daemon.cli(['run', '--rm', 'nanoserver', 'cmd']);
    const routes = daemon.requests.map(({ route }) => route.replace(id, 'ID'));
    assert.equal(routes.length, 4);
    assert.equal(routes[0], 'POST /containers/create');
    assert.deepEqual(routes.slice(1, 3).sort(), ['POST /containers/ID/attach', 'POST /containers/ID/wait']);
    assert.equal(routes[3], 'POST /containers/ID/start');
    const wait = daemon.requests.find(({ route }) => route.endsWith('/wait'));
    assert.equal(wait?.query.get('condition'), 'removed');
  } finally {
    await daemon.close();
  }
});

test('run -i gives the program our input byte for byte, then its end, and reads on', async () => {
  const daemon = await daemonWith({
    onStart: (socket) => {
      const received: Buffer[] = [];
      socket.on('data', (chunk) => received.push(chunk));
      socket.on('end', () => {
        endAfter(socket, encodeFrame('stdout', bytes(`got ${Buffer.concat(received).toString()}`)));
      });
    },
  });
  try {
    const input = 'one\r\ntwo\u0000three\u001B[A';
    const result = await daemon.cli(['run', '-i', 'nanoserver', 'more'], input);
    assert.equal(result.stdout, `got ${input}`);
  } finally {
    await daemon.close();
  }
});

test('run loses nothing of 32 MB that come faster than they are written', async () => {
  const piece = Buffer.alloc(1 << 16, 'x');
  const daemon = await daemonWith({
    onStart: (socket) => {
      for (let sent = 0; sent < 512; sent++) socket.write(encodeFrame('stdout', piece));
      socket.end();
    },
  });
  try {
    const result = await daemon.cli(['run', 'nanoserver', 'type', 'big']);
    assert.equal(result.stdout.length, 512 * piece.length);
  } finally {
    await daemon.close();
  }
});

test('run shows Docker’s exit codes for what did not start, and removes it with --rm', async () => {
  const rows = [
    ['hcs: The system cannot find the file specified.', 127],
    ['exec: "x": executable file not found in %PATH%', 127],
    ['Access is denied: permission denied', 126],
    ['The container operating system does not match the host operating system.', 125],
  ] as const;
  for (const [message, exitCode] of rows) {
    const daemon = await daemonWith({ onStart: endAfter, start: { status: 400, json: { message } } });
    try {
      const result = await daemon.cli(['run', '--rm', 'nanoserver', 'x']);
      assert.equal(result.exitCode, exitCode, message);
      assert.match(result.stderr, /windowbox: Error response from daemon: /u);
      assert.ok(result.stderr.includes(message));
      assert.equal(daemon.requests.at(-1)?.route, `DELETE /containers/${id}`);
    } finally {
      await daemon.close();
    }
  }
});

test('run pulls an image that is missing, once, with the progress on stderr', async () => {
  let creates = 0;
  const daemon = await startFakeDaemon({
    'POST /containers/create': () =>
      creates++ === 0 ? { status: 404, json: { message: 'No such image: app:1' } } : { status: 201, json: { Id: id } },
    'POST /images/create': { text: '{"status":"Pulling from app","id":"1"}\r\n{"status":"Status: Downloaded"}\r\n' },
    [`POST /containers/${id}/start`]: { status: 204, json: undefined },
  });
  try {
    const result = await daemon.cli(['run', '-d', 'app:1']);
    assert.deepEqual(result, {
      exitCode: 0,
      stdout: `${id}\n`,
      stderr: "Unable to find image 'app:1' locally\n1: Pulling from app\nStatus: Downloaded\n",
    });
    const pull = daemon.requests.find(({ route }) => route === 'POST /images/create');
    assert.equal(pull?.query.toString(), 'fromImage=app&tag=1');
    const never = await daemon.cli(['run', '-d', '--pull=never', 'app:1']);
    assert.equal(never.exitCode, 0);
  } finally {
    await daemon.close();
  }
});

test('run --pull=never does not pull', async () => {
  const daemon = await startFakeDaemon({
    'POST /containers/create': { status: 404, json: { message: 'No such image: app:1' } },
  });
  try {
    const result = await daemon.cli(['run', '--pull=never', 'app:1']);
    assert.deepEqual(result, {
      exitCode: 125,
      stdout: '',
      stderr: 'windowbox: Error response from daemon: No such image: app:1\n',
    });
  } finally {
    await daemon.close();
  }
});

test('--cidfile holds the id of a container that was made, and is told in Docker’s words where it cannot be', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'windowbox-cidfile-'));
  const path = join(folder, 'id');
  const daemon = await startFakeDaemon({
    'POST /containers/create': ({ body }) =>
      body.includes('good')
        ? { status: 201, json: { Id: id, Warnings: [] } }
        : { status: 400, json: { message: 'no command specified' } },
  });
  try {
    const refused = await daemon.cli(['create', '--cidfile', path, 'bad']);
    assert.equal(refused.exitCode, 1);
    assert.equal(existsSync(path), false, 'nothing is left of a failed create');
    const made = await daemon.cli(['create', '--cidfile', path, 'good']);
    assert.equal(made.exitCode, 0, made.stderr);
    assert.equal(readFileSync(path, 'utf8'), id);
    const nowhere = await daemon.cli(['create', '--cidfile', join(folder, 'no/id'), 'good']);
    assert.match(nowhere.stderr, /failed to create the container ID file: open .*\/no\/id: no such file or directory/u);
  } finally {
    await daemon.close();
    rmSync(folder, { recursive: true });
  }
});
