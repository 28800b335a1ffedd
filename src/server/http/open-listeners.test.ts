import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand, tryCommand } from '../../platform/index.js';
import { buildApp } from './app.js';
import type { LogEntry } from './log.js';
import { createMetrics } from './metrics.js';
import { openListeners, parseListenAddress } from './open-listeners.js';
import { json } from './reply.js';

const metrics = createMetrics();
const log: LogEntry[] = [];
const app = buildApp({
  routes: [{ method: 'GET', path: '/_ping', summary: '', state: 'done', handle: () => json('OK') }],
  headers: {},
  metrics,
  log: () => undefined,
});
const options = { app, metrics, log: (entry: LogEntry) => log.push(entry), tls: undefined, allowPlainTcp: false };

test("addresses are Docker's, and anything else is refused", () => {
  assert.deepEqual(parseListenAddress('unix:///run/x.sock'), { kind: 'unix', path: '/run/x.sock' });
  assert.deepEqual(parseListenAddress('tcp://127.0.0.1:2376'), { kind: 'tcp', host: '127.0.0.1', port: 2376 });
  assert.deepEqual(parseListenAddress('tcp://[::1]:2376'), { kind: 'tcp', host: '::1', port: 2376 });
  for (const wrong of [
    '',
    'unix://x',
    'tcp://',
    'tcp://x',
    'tcp://x:99999',
    'fd://',
    'http://x:1',
    'npipe:////./pipe/x',
  ])
    assert.throws(() => parseListenAddress(wrong), /not of the form unix:\/\/\/path or tcp:\/\/address:port/u, wrong);
});

test('TCP without client certificates is refused, and with the flag loudly logged', async () => {
  await assert.rejects(openListeners(['tcp://127.0.0.1:0'], options), /TCP needs TLS with client certificates/u);
  const servers = await openListeners(['tcp://127.0.0.1:0'], { ...options, allowPlainTcp: true });
  for (const server of servers) server.close();
  assert.match(log.at(-1)?.message ?? '', /WITHOUT TLS/u);
});

test('when one address fails, none stays open', async () => {
  await assert.rejects(
    openListeners(['tcp://127.0.0.1:0', 'unix:///nonexistent/folder/x.sock'], { ...options, allowPlainTcp: true }),
  );
});

test('over TLS only a client with a certificate of our authority gets an answer', async (t) => {
  if ((await tryCommand('openssl', ['version'], { timeoutMs: 5000 })).exitCode !== 0) {
    t.skip('openssl is not installed');
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-tls-'));
  const pem = await makeCertificates(folder);
  const servers = await openListeners(['tcp://127.0.0.1:0'], { ...options, tls: pem });
  t.after(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await rm(folder, { recursive: true, force: true });
  });
  const [server] = servers;
  assert.ok(server);
  const { port } = server.address() as AddressInfo;
  const [ca, cert, key] = await Promise.all([pem.ca, pem.cert, pem.key].map((path) => readFile(path)));
  assert.equal(await statusOf({ port, ca, cert, key }), 200);
  await assert.rejects(statusOf({ port, ca }), /certificate required|ECONNRESET|socket hang up|EPIPE/u);
});

async function makeCertificates(folder: string): Promise<{ ca: string; cert: string; key: string }> {
  const [ca, caKey, cert, key, request] = ['ca.pem', 'ca-key.pem', 'cert.pem', 'key.pem', 'request.pem'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string, string];
  const openssl = (...args: readonly string[]) => runCommand('openssl', args, { timeoutMs: 20_000, cwd: folder });
  const newKey = ['-newkey', 'rsa:2048', '-nodes'];
  await openssl('req', '-x509', ...newKey, '-keyout', caKey, '-out', ca, '-subj', '/CN=authority', '-days', '2');
  await openssl(
    'req',
    ...newKey,
    '-keyout',
    key,
    '-out',
    request,
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=IP:127.0.0.1',
  );
  await openssl(
    'x509',
    '-req',
    '-in',
    request,
    '-CA',
    ca,
    '-CAkey',
    caKey,
    '-CAcreateserial',
    '-out',
    cert,
    '-days',
    '2',
    '-copy_extensions',
    'copy',
  );
  return { ca, cert, key };
}

function statusOf(client: {
  port: number;
  ca?: Buffer | undefined;
  cert?: Buffer | undefined;
  key?: Buffer | undefined;
}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', path: '/_ping', ...client, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
