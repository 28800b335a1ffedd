import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { isErrorCode, WindowboxError } from '../errors/index.js';
import { findLogin, forgetLogin, keepLogin, listLogins } from './logins.js';
import { makeCredentialHelper } from './testing/credential-helper.js';
import { hubKey } from './types.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-logins-'));
const file = join(folder, 'docker/config.json');
const helper = makeCredentialHelper();
process.env['PATH'] = helper.path;
after(() => {
  helper.remove();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  rmSync(join(folder, 'docker'), { recursive: true, force: true });
});

const none = { username: '', password: '', identityToken: '', registryToken: '' };
const login = { ...none, username: 'user', password: 'pass:word' };

test('a login that was kept is found, also under the address that old clients wrote', async () => {
  assert.equal(await findLogin('reg', file), undefined);
  assert.equal(await keepLogin('reg', login, file), 'in file');
  assert.deepEqual(await findLogin('reg', file), login);
  assert.equal(await findLogin('other', file), undefined);
  write({
    auths: { 'https://reg/v1/': { auth: Buffer.from('a:b').toString('base64') }, [hubKey]: { identitytoken: 't' } },
  });
  assert.deepEqual(await findLogin('reg', file), { ...none, username: 'a', password: 'b' });
  assert.deepEqual(await findLogin(hubKey, file), { ...none, identityToken: 't' });
});

test('keeping and forgetting leave every other setting, and a file that only its owner reads', async () => {
  const settings = { psFormat: 'x', auths: { other: { auth: 'YTpi' } }, HttpHeaders: { a: 'b' } };
  write(settings);
  await keepLogin('reg', login, file);
  assert.deepEqual(read(), { ...settings, auths: { ...settings.auths, reg: { auth: 'dXNlcjpwYXNzOndvcmQ=' } } });
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(await forgetLogin('reg', file), true);
  assert.deepEqual(read(), settings);
  assert.equal(await forgetLogin('reg', file), false);
});

test('a refresh token takes the place of the password', async () => {
  await keepLogin('reg', { ...login, identityToken: 'lasting' }, file);
  assert.equal(readFileSync(file, 'utf8').includes(Buffer.from('pass:word').toString('base64')), false);
  assert.deepEqual(await findLogin('reg', file), { ...none, username: 'user', identityToken: 'lasting' });
});

test('a file that is a link stays one', async () => {
  mkdirSync(join(folder, 'docker'));
  writeFileSync(join(folder, 'dotfile.json'), '{"a":1}');
  symlinkSync(join(folder, 'dotfile.json'), file);
  await keepLogin('reg', login, file);
  assert.equal(JSON.parse(readFileSync(join(folder, 'dotfile.json'), 'utf8')).a, 1);
  assert.deepEqual(await findLogin('reg', file), login);
});

for (const [what, make] of [
  ['damaged', (): void => writeFileSync(file, '{"auths": ')],
  ['of another shape', (): void => writeFileSync(file, '{"auths": ["x"]}')],
  ['unreadable', (): void => symlinkSync(folder, file)],
] as const)
  test(`a file that is ${what} is told and left as it is`, async () => {
    mkdirSync(join(folder, 'docker'));
    make();
    const told = (error: unknown): boolean =>
      isErrorCode(error, 'invalid-argument') && error.message.startsWith(`Cannot read "${file}": `);
    await assert.rejects(findLogin('reg', file), told);
    await assert.rejects(keepLogin('reg', login, file), told);
    await assert.rejects(forgetLogin('reg', file), told);
    if (what !== 'unreadable') assert.match(readFileSync(file, 'utf8'), /^\{"auths": (?:\["x"\]\})?$/u);
  });

test('with a helper the secret is its own, and the file tells only that there is one', async () => {
  write({ credsStore: 'vault', credHelpers: { plain: '' } });
  assert.equal(await keepLogin('reg', login, file), 'in helper');
  assert.deepEqual(helper.kept()['reg'], { Username: 'user', Secret: 'pass:word' });
  assert.deepEqual(read(), { credsStore: 'vault', credHelpers: { plain: '' }, auths: { reg: {} } });
  assert.deepEqual(await findLogin('reg', file), login);

  await keepLogin('token', { ...login, identityToken: 't' }, file);
  assert.deepEqual(helper.kept()['token'], { Username: '<token>', Secret: 't' });
  assert.deepEqual(await findLogin('token', file), { ...none, identityToken: 't' });

  assert.equal(await keepLogin('plain', login, file), 'in file');
  assert.deepEqual(Object.keys(await listLogins(unexpected, file)).toSorted(), ['plain', 'reg', 'token']);

  assert.equal(await forgetLogin('reg', file), true);
  assert.equal(await forgetLogin('token', file), true);
  assert.deepEqual(helper.kept(), {});
  assert.equal(await findLogin('reg', file), undefined);
});

test('a helper that fails is told with its words, and costs a list its own logins alone', async () => {
  write({ credHelpers: { 'broken.example': 'vault', 'absent.example': 'absent' }, auths: { reg: { auth: 'YTpi' } } });
  await assert.rejects(findLogin('broken.example', file), /error getting credentials .*out: `the vault is locked`/u);
  await assert.rejects(keepLogin('broken.example', login, file), /error storing credentials/u);
  await assert.rejects(findLogin('absent.example', file), (error) => isErrorCode(error, 'unavailable'));
  const failures: unknown[] = [];
  const found = await listLogins((error) => failures.push(error), file);
  assert.deepEqual(Object.keys(found), ['reg']);
  assert.equal(failures.length, 2);
});

test('a helper is a name on the PATH and no path', async () => {
  write({ credsStore: '../../bin/sh' });
  await assert.rejects(findLogin('reg', file), (error) => isErrorCode(error, 'invalid-argument'));
});

function write(config: object): void {
  mkdirSync(join(folder, 'docker'), { recursive: true });
  writeFileSync(file, JSON.stringify(config));
}

function read(): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function unexpected(error: unknown): void {
  throw new WindowboxError('internal', 'unexpected', { cause: error });
}
