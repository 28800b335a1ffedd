import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isErrorCode } from '../../src/errors/index.js';
import { readTar, runCommand, tarEnd, tarHeader, tarPadding } from '../../src/platform/index.js';
import { remoteContext } from '../../src/builder/index.js';
import { serveGit } from '../helpers/serve-git.js';

const scratch = mkdtempSync(join(tmpdir(), 'windowbox-remote-'));
after(() => {
  rmSync(scratch, { recursive: true });
});

async function filesOf(remote: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const tar = remoteContext(remote, { scratch, signal: AbortSignal.timeout(60_000) });
  for await (const { header, body } of readTar(tar)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    if (header.type === 'file') files[header.name] = Buffer.concat(chunks).toString();
  }
  return files;
}

test('an address of an archive is a context, one of a text is a Dockerfile, and what fails says why', async () => {
  const archive = Buffer.concat([
    tarHeader({ name: 'a.txt', type: 'file', size: 1 }),
    Buffer.from('a'),
    tarPadding(1),
    tarEnd,
  ]);
  const answers: Record<string, Buffer> = {
    '/plain': archive,
    '/packed': gzipSync(archive),
    '/Dockerfile': Buffer.from('FROM x\n'),
    '/long': Buffer.alloc(2 << 20, 'x'),
  };
  const server = createServer(({ url = '' }, response) => {
    response.writeHead(answers[url] ? 200 : 404).end(answers[url]);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const host = `http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}`;
  try {
    assert.deepEqual(await filesOf(`${host}/plain`), { 'a.txt': 'a' });
    assert.deepEqual(await filesOf(`${host}/packed`), { 'a.txt': 'a' });
    assert.deepEqual(await filesOf(`${host}/Dockerfile`), { Dockerfile: 'FROM x\n' });
    await assert.rejects(filesOf(`${host}/none`), /unable to download remote context .*\/none: status 404$/u);
    await assert.rejects(filesOf(`${host}/long`), /too long for a Dockerfile/u);
    await assert.rejects(filesOf('file:///etc/passwd'), (error) => isErrorCode(error, 'invalid-argument'));
  } finally {
    server.close();
  }
});

test('a repository is read at a reference and below a folder, and nothing of it stays', async () => {
  const work = join(scratch, 'work');
  mkdirSync(join(work, 'app'), { recursive: true });
  writeFileSync(join(work, 'app/Dockerfile'), 'FROM one');
  const git = async (...args: readonly string[]): Promise<unknown> =>
    runCommand('git', ['-C', work, '-c', 'user.name=x', '-c', 'user.email=x@x', ...args], { timeoutMs: 20_000 });
  await git('init', '-q', '-b', 'main');
  await git('add', '.');
  await git('commit', '-qm', 'one');
  await git('tag', 'v1');
  writeFileSync(join(work, 'app/Dockerfile'), 'FROM two');
  await git('commit', '-qam', 'two');
  const served = await serveGit(scratch);
  try {
    const remote = `${served.address}/work/.git`;
    await untilServed(remote);
    assert.deepEqual(await filesOf(remote), { 'app/Dockerfile': 'FROM two' });
    assert.deepEqual(await filesOf(`${remote}#v1:app`), { Dockerfile: 'FROM one' });
    await assert.rejects(filesOf(`${remote}#none`), /unable to 'git clone'/u);
    for (const fragment of ['--upload-pack=x', 'main:../..', 'main:-x'])
      await assert.rejects(filesOf(`${remote}#${fragment}`), /invalid reference/u);
    assert.deepEqual(readdirSync(scratch), ['work']);
  } finally {
    served.stop();
  }
});

async function untilServed(remote: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const served = await filesOf(remote).then(
      () => true,
      () => false,
    );
    if (served) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
