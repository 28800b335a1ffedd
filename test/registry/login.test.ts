import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeCredentialHelper } from '../../src/credentials/testing/credential-helper.js';
import { findRepository } from '../../src/platform/index.js';
import { inject } from '../helpers/inject.js';
import { type ClientResult, hasProgram, runClient } from '../helpers/run-client.js';
import { startRegistry, type TestRegistry } from '../helpers/start-registry.js';
import { typeAtTerminal } from '../helpers/type-at-terminal.js';
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

for (const [name, command, skip] of clients)
  test(
    `${name} login and logout with a credential helper: pulls use it, and the secret is in no file`,
    { skip },
    async () => {
      const host = registry?.host ?? '';
      const config = join(folder, `${name}-helper`);
      mkdirSync(config);
      writeFileSync(join(config, 'config.json'), '{"credsStore":"vault"}');
      const helper = makeCredentialHelper();
      const run = async (args: readonly string[], input = ''): Promise<ClientResult> =>
        runClient(command[0] ?? '', [...command.slice(1), ...args], {
          host: daemon.host,
          env: { WINDOWBOX_HOST: daemon.host, DOCKER_CONFIG: config, PATH: helper.path },
          input,
        });
      try {
        assert.match((await run(['pull', `${host}/none`])).stderr, /no basic auth credentials/u);
        const right = await run(['login', '-u', 'user', '--password-stdin', host], 'secret\n');
        assert.deepEqual(right, { code: 0, stdout: 'Login Succeeded\n', stderr: '' });
        assert.deepEqual(helper.kept()[host], { Username: 'user', Secret: 'secret' });
        assert.deepEqual(authsIn(config), { [host]: {} });
        assert.match((await run(['pull', `${host}/none`])).stderr, /not found|manifest unknown/u);
        const again = await run(['login', host]);
        assert.equal(again.code, 0, again.stderr);
        assert.match(again.stderr, /^Authenticating with existing credentials/u);
        assert.match(again.stdout, /Login Succeeded\n$/u);
        assert.equal((await run(['logout', host])).stdout, `Removing login credentials for ${host}\n`);
        assert.deepEqual(helper.kept(), {});
        assert.deepEqual(authsIn(config), {});
      } finally {
        helper.remove();
      }
    },
  );

for (const [name, command, skip] of clients)
  test(`${name} login asks at a terminal, and does not show the password`, { skip }, async () => {
    const host = registry?.host ?? '';
    const config = join(folder, `${name}-terminal`);
    const { code, shown } = await typeAtTerminal([...command, 'login', host], {
      env: { DOCKER_HOST: daemon.host, WINDOWBOX_HOST: daemon.host, DOCKER_CONFIG: config },
      answers: [
        [/Username: /u, 'user'],
        [/Password: /u, 'secret'],
      ],
    });
    assert.equal(code, 0, shown);
    assert.match(shown, /Login Succeeded/u);
    assert.doesNotMatch(shown, /secret/u);
    assert.equal(statSync(join(config, 'config.json')).mode & 0o777, 0o600);
  });

const refusedLogins: readonly [string, readonly string[], RegExp][] = [
  ['no terminal', [], /Cannot perform an interactive login from a non TTY device\n.*--password-stdin/u],
  ['no password', ['-u', 'user'], /Cannot perform an interactive login from a non TTY device/u],
  ['a password from stdin without a user', ['--password-stdin'], /Must provide --username with --password-stdin/u],
  ['two passwords', ['-u', 'user', '-p', 'x', '--password-stdin'], /mutually exclusive/u],
];
for (const [what, words, expected] of refusedLogins)
  test(`windowbox login, ${what}: it says what to do`, async () => {
    const result = await runClient(ownCli[0] ?? '', [...ownCli.slice(1), 'login', ...words, '127.0.0.1:1'], {
      host: daemon.host,
      env: { WINDOWBOX_HOST: daemon.host },
    });
    assert.equal(result.code, 1);
    assert.match(result.stderr, expected);
  });

test('a damaged configuration: login leaves it and says so, pull warns and goes on without a login', async () => {
  const config = join(folder, 'damaged');
  mkdirSync(config);
  writeFileSync(join(config, 'config.json'), '{"auths": {"a": ');
  const run = async (...args: string[]): Promise<ClientResult> =>
    runClient(ownCli[0] ?? '', [...ownCli.slice(1), ...args], {
      host: daemon.host,
      env: { WINDOWBOX_HOST: daemon.host, DOCKER_CONFIG: config },
    });
  const login = await run('login', '-u', 'user', '-p', 'secret', '127.0.0.1:1');
  assert.equal(login.code, 1);
  assert.match(login.stderr, /^WARNING.*\nCannot read ".*config\.json": no JSON\n.*Mend it or move it away/u);
  assert.equal(readFileSync(join(config, 'config.json'), 'utf8'), '{"auths": {"a": ');
  const pull = await run('pull', '-q', 'mcr.microsoft.com/windows/nanoserver:ltsc2025');
  assert.equal(pull.code, 0, pull.stderr);
  assert.match(pull.stderr, /^WARNING: Cannot read ".*config\.json": no JSON\n$/u);
});

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
