import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import Docker, { type Container, type Exec } from 'dockerode';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

/** dockerode, on which testcontainers and many tools stand: the calls that they make. */
const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';
let daemon: TestDaemon;
let docker: Docker;
before(async () => {
  daemon = await startTestDaemon();
  docker = new Docker({ socketPath: daemon.socketPath });
});
after(() => daemon.close());

test('run: output demultiplexed, exit code, removal', async () => {
  const [stdout, stderr] = [sink(), sink()];
  const [result, container] = (await docker.run(
    nano,
    ['cmd', '/c', 'echo out & echo err>&2 & exit 7'],
    [stdout.stream, stderr.stream],
    { Tty: false },
  )) as [{ StatusCode: number }, Container];
  assert.equal(result.StatusCode, 7);
  assert.equal(stdout.text(), 'out\r\n');
  assert.equal(stderr.text(), 'err\r\n');
  await container.remove();
});

test('attach with hijack: chunks are announced, raw bytes are sent, and both directions work', async () => {
  const container = await docker.createContainer({
    Image: nano,
    Cmd: ['cmd', '/c', 'cat'],
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
  });
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, hijack: true });
  const output = sink();
  container.modem.demuxStream(stream, output.stream, output.stream);
  await container.start();
  stream.write('typed');
  stream.end();
  await container.wait();
  await closed(stream);
  assert.equal(output.text(), 'typed');
  await container.remove();
});

test('exec: with hijack and without, and its exit code', async () => {
  const container = await docker.createContainer({ Image: nano, Cmd: ['cmd', '/c', 'wait 60'] });
  await container.start();
  for (const hijack of [true, false]) {
    const exec: Exec = await container.exec({
      Cmd: ['cmd', '/c', 'echo in & exit 5'],
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack, stdin: false });
    const output = sink();
    docker.modem.demuxStream(stream, output.stream, output.stream);
    await closed(stream);
    assert.equal(output.text(), 'in\r\n');
    assert.equal((await exec.inspect()).ExitCode, 5);
  }
  await container.remove({ force: true });
});

test('logs that are followed end with the container; events and stats stream', async () => {
  const events = await docker.getEvents({ filters: { type: ['container'], event: ['start', 'die'] } });
  const seen: string[] = [];
  events.on('data', (chunk: Buffer) => {
    for (const line of chunk
      .toString()
      .split('\n')
      .filter((text) => text !== ''))
      seen.push((JSON.parse(line) as { Action: string }).Action);
  });
  const container = await docker.createContainer({ Image: nano, Cmd: ['cmd', '/c', 'echo one & wait 1 & echo two'] });
  await container.start();
  const logs = await container.logs({ follow: true, stdout: true, stderr: true });
  const output = sink();
  const ended = closed(logs);
  container.modem.demuxStream(logs, output.stream, output.stream);
  const stats = (await container.stats({ stream: false })) as { read: string };
  assert.match(stats.read, /^20/u);
  await ended;
  assert.equal(output.text(), 'one\r\ntwo\r\n');
  await container.remove();
  assert.deepEqual(seen, ['start', 'die']);
  (events as NodeJS.ReadableStream & { destroy(): void }).destroy();
});

test('archives go in and out, and errors carry the status', async () => {
  const container = await docker.createContainer({ Image: nano });
  const info = (await container.infoArchive({ path: 'C:\\Windows\\win.ini' })) as NodeJS.ReadableStream & {
    headers: Record<string, string>;
  };
  assert.ok(info.headers['x-docker-container-path-stat']);
  const archive = await container.getArchive({ path: 'C:\\Windows\\win.ini' });
  const copy = sink();
  archive.pipe(copy.stream);
  await closed(archive);
  assert.match(copy.text(), /\[windows\]/u);
  await assert.rejects(docker.getContainer('nosuch').inspect(), { statusCode: 404 });
  await assert.rejects(container.getArchive({ path: '' }), { statusCode: 400 });
  await container.remove();
});

test('volumes, networks, images, ping, info', async () => {
  await docker.createVolume({ Name: 'dockerode' });
  assert.equal((await docker.getVolume('dockerode').inspect()).Name, 'dockerode');
  await docker.getVolume('dockerode').remove();
  const network = await docker.createNetwork({ Name: 'dockerode', Driver: 'nat' });
  assert.equal(((await network.inspect()) as { Name: string }).Name, 'dockerode');
  await network.remove();
  assert.ok((await docker.listImages()).some(({ RepoTags }) => RepoTags?.includes(nano)));
  assert.equal(String(await docker.ping()), 'OK');
  assert.equal(((await docker.info()) as { OSType: string }).OSType, 'windows');
  assert.deepEqual(daemon.errors, []);
});

function sink(): { readonly stream: PassThrough; readonly text: () => string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

async function closed(stream: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the stream did not end')), 10_000);
    for (const event of ['end', 'close'])
      stream.once(event, () => {
        clearTimeout(timer);
        setImmediate(resolve);
      });
  });
}
