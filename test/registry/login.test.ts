import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findRepository } from '../../src/platform/index.js';
import { inject } from '../helpers/inject.js';
import { type ClientResult, hasProgram, runClient } from '../helpers/run-client.js';
import { startRegistry, type TestRegistry } from '../helpers/start-registry.js';
import { startTestDaemon, type TestDaemon } from '../helpers/test-daemon.js';

const noRegistry = hasProgram('docker-registry') ? false : 'docker-registry is not installed (Debian: docker-registry)';
const noDocker = hasProgram('docker') ? noRegistry : 'the docker CLI is not installed (Debian: docker.io)';
const ownCli = [process.execPath, join(findRepository(), 'dist/src/cli/main.js')];
const bcryptOfSecret = '$2b$05$zrxMF2xIKaVkt4iwujbjl.OEiloaTy6RnKymnR2rYa5wOym1YVqTW';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-login-'));
let daemon: TestDaemon;
let registry: TestRegistry | undefined;
before(async () => {
  daemon = await startTestDaemon();
  if (noRegistry === false) registry = await startRegistry({ htpasswd: `user:${bcryptOfSecret}\n` });
});
after(async () => {
  await registry?.stop();
  await daemon.close();
  rmSync(folder, { recursive: true });
});

const clients: readonly [string, readonly string[], false | string][] = [
  ['docker', ['docker'], noDocker],
  ['windowbox', ownCli, noRegistry],
];
for (const [name, command, skip] of clients)
  test(
    `${name} login keeps what the registry takes, tells what it refuses, and logout forgets it`,
    { skip },
    async () => {
      const host = registry?.host ?? '';
      const config = join(folder, name);
      const run = async (args: readonly string[], input?: string): Promise<ClientResult> =>
        runClient(command[0] ?? '', [...command.slice(1), ...args], {
          host: daemon.host,
          env: { WINDOWBOX_HOST: daemon.host, DOCKER_CONFIG: config },
          ...(input === undefined ? {} : { input }),
        });
      const words = ['login', '-u', 'user', '--password-stdin', host];

      const wrong = await run(words, 'wrong');
      assert.equal(wrong.code, 1);
      assert.match(
        wrong.stderr,
        /login attempt to http:\/\/127\.0\.0\.1:\d+\/v2\/ failed with status: 401 Unauthorized/u,
      );

      const right = await run(words, 'secret\n');
      assert.match(right.stdout, /^Login Succeeded$/mu, right.stderr);
      assert.deepEqual(Object.keys(authsIn(config)), [host]);

      const out = await run(['logout', host]);
      assert.match(out.stdout, /Removing login credentials for 127/u);
      assert.deepEqual(authsIn(config), {});
    },
  );

test(
  'POST /auth: a wrong password is 401 with the words of Docker, no registry 503, no host 400',
  { skip: noRegistry },
  async () => {
    const host = registry?.host ?? '';
    const wrong = await logIn({ username: 'user', password: 'wrong', serveraddress: host });
    assert.equal(wrong.status, 401);
    assert.equal(wrong.value.message, `login attempt to http://${host}/v2/ failed with status: 401 Unauthorized`);
    const right = await logIn({ username: 'user', password: 'secret', serveraddress: `http://${host}/v2/` });
    assert.deepEqual(right, { status: 200, value: { Status: 'Login Succeeded', IdentityToken: '' } });
    assert.equal((await logIn({ username: 'u', password: 'p', serveraddress: '127.0.0.1:1' })).status, 503);
    assert.equal((await logIn({ username: 'u', password: 'p', serveraddress: 'no host' })).status, 400);
  },
);

test('a token server that gives a refresh token: it is the answer, and is a login in its turn', async () => {
  const { host, stop } = await startTokenRegistry();
  try {
    const right = await logIn({ username: 'user', password: 'secret', serveraddress: host });
    assert.deepEqual(right, { status: 200, value: { Status: 'Login Succeeded', IdentityToken: 'lasting' } });
    const again = await logIn({ identitytoken: 'lasting', serveraddress: host });
    assert.equal(again.status, 200);
    const wrong = await logIn({ username: 'user', password: 'wrong', serveraddress: host });
    assert.equal(wrong.status, 401);
    assert.equal(wrong.value.message, `Get "http://${host}/v2/": unauthorized: incorrect username or password`);
  } finally {
    stop();
  }
});

async function logIn(
  body: object,
): Promise<{ readonly status: number; readonly value: { readonly message?: string } }> {
  const reply = await inject(daemon.app, 'POST', '/v1.44/auth', { body });
  if (reply.kind !== 'json') throw new Error(`the answer is ${reply.kind}`);
  const value: { message?: string } = JSON.parse(JSON.stringify(reply.value));
  return { status: reply.status ?? 200, value };
}

function authsIn(config: string): Record<string, unknown> {
  const { auths = {} }: { auths?: Record<string, unknown> } = JSON.parse(
    readFileSync(join(config, 'config.json'), 'utf8'),
  );
  return auths;
}

/** A registry whose logins are a token server's, as Docker Hub's are: `user` with `secret`, or the token `lasting`. */
async function startTokenRegistry(): Promise<{ readonly host: string; readonly stop: () => void }> {
  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    if (request.url?.startsWith('/token') === true) {
      const basic = `Basic ${Buffer.from('user:secret').toString('base64')}`;
      let form = '';
      request.on('data', (chunk: Buffer) => (form += chunk.toString()));
      request.on('end', () => {
        const good = authorization === basic || new URLSearchParams(form).get('refresh_token') === 'lasting';
        const lasting = request.url?.includes('offline_token=true') === true ? { refresh_token: 'lasting' } : {};
        response.writeHead(good ? 200 : 401).end(JSON.stringify(good ? { token: 'short', ...lasting } : {}));
      });
      return;
    }
    const challenge = `Bearer realm="http://${request.headers.host ?? ''}/token",service="test"`;
    if (authorization === 'Bearer short') response.writeHead(200).end('{}');
    else response.writeHead(401, { 'www-authenticate': challenge }).end('{}');
  });
  return { host: `127.0.0.1:${String(await portOf(server))}`, stop: () => server.close() };
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
