import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before } from 'node:test';
import { WindowboxError } from '../../src/errors/index.js';
import type { Credentials, ImageStore, TransferProgress } from '../../src/images/index.js';
import { openStore, putImage, registry } from '../helpers/registry-world.js';
import { serveTokens, type TokenServer } from '../helpers/serve-tokens.js';
import { noRegistry, registryTest, startRegistry, type TestRegistry } from '../helpers/start-registry.js';

const login: Credentials = { username: 'user', password: 'secret', identityToken: '', registryToken: '' };
const nobody: Credentials = { ...login, username: '', password: '' };

let tokens: TokenServer;
let locked: TestRegistry;
before(async () => {
  if (noRegistry !== false) return;
  tokens = await serveTokens((user, repository) => {
    if (repository.startsWith('sealed/')) return [];
    if (user === '') return repository.startsWith('open/') ? ['pull'] : [];
    return repository.startsWith('read/') ? ['pull'] : ['pull', 'push'];
  });
  locked = await startRegistry({ token: tokens.auth });
});
after(async () => {
  if (noRegistry !== false) return;
  await locked.stop();
  await tokens.stop();
});

registryTest('what anybody may pull needs no login; what needs one is pushed and pulled with it', async () => {
  const store = await openStore();
  const open = await taggedImage(store, 'open/app:1');
  await store.push(open, { credentials: login });
  assert.deepEqual(tokens.asked[0], { user: 'user', scopes: ['repository:open/app:pull,push'] });
  const other = await openStore();
  tokens.asked.length = 0;
  await other.pull(open, { credentials: nobody });
  assert.deepEqual(tokens.asked, [{ user: '', scopes: ['repository:open/app:pull'] }], 'one token serves a pull');

  const own = await taggedImage(store, 'own/app:1');
  await store.push(own, { credentials: login });
  await other.pull(own, { credentials: login });
  await refuses(other.pull(own, { credentials: nobody }), {
    message: /unauthorized: authentication required/u,
    hint: new RegExp(`docker login ${locked.host}" with an account that may pull from "${locked.host}/own/app"`, 'u'),
  });
  store.close();
  other.close();
});

registryTest('a layer is mounted from another repository with a token for both', async () => {
  const store = await openStore();
  await store.push(await taggedImage(store, 'own/first:1'), { credentials: login });
  const second = await taggedImage(store, 'own/second:1', 'own/first:1');
  tokens.asked.length = 0;
  const said: TransferProgress[] = [];
  await store.push(second, { credentials: login, report: (progress) => said.push(progress) });
  assert.ok(said.some(({ status }) => status === 'Mounted from own/first'));
  assert.ok(!said.some(({ status }) => status === 'Pushed'), 'no layer is sent');
  const both = ['repository:own/second:pull,push', 'repository:own/first:pull'];
  assert.deepEqual(
    tokens.asked.map(({ scopes }) => scopes),
    [['repository:own/second:pull,push'], both],
  );
  store.close();
});

registryTest('who may read only is told which repository of which registry, and what to do', async () => {
  const store = await openStore();
  const name = await taggedImage(store, 'read/app:1');
  await refuses(store.push(name, { credentials: login }), {
    message: /unauthorized: authentication required/u,
    hint: new RegExp(`docker login ${locked.host}" with an account that may push to "${locked.host}/read/app"`, 'u'),
  });
  await refuses(store.pull(`${locked.host}/sealed/app:1`, { credentials: login }), {
    message: /unauthorized: authentication required/u,
    hint: new RegExp(`may pull from "${locked.host}/sealed/app"`, 'u'),
  });
  store.close();
});

registryTest('a wrong password is told with the registry that it is for', async () => {
  const store = await openStore();
  const wrong = { ...login, password: 'wrong' };
  const expected = {
    message: /^unauthorized: incorrect username or password$/u,
    hint: new RegExp(
      `"${tokens.host}", the token server of the registry "${locked.host}".*docker login ${locked.host}"`,
      'u',
    ),
  };
  await refuses(store.pull(`${locked.host}/open/app:1`, { credentials: wrong }), expected);
  await refuses(store.push(await taggedImage(store, 'own/app:2'), { credentials: wrong }), expected);
  store.close();
});

const lives: readonly (readonly [what: string, told: number | undefined])[] = [
  ['is known to expire', 3],
  ['expires before the token server said', 300],
  ['expires and nothing was said of it', undefined],
];
for (const [what, told] of lives)
  registryTest(`a token that ${what} in the middle of a push or pull is renewed`, async () => {
    const store = await openStore();
    const name = await taggedImage(
      store,
      `own/long-${String(told)}:1`,
      undefined,
      randomBytes(24 << 20).toString('latin1'),
    );
    try {
      Object.assign(tokens, { lifetime: 3, told });
      tokens.asked.length = 0;
      const said: TransferProgress[] = [];
      await store.push(name, { credentials: login, report: waitOnce(isHalfPushed, said) });
      assert.ok(tokens.asked.length > 1);
      const sent = said.filter(
        ({ status, id }) => status === 'Pushing' && id === said.find((one) => one.status === 'Pushing')?.id,
      );
      const currents = sent.map(({ progressDetail }) => progressDetail?.current ?? 0);
      assert.deepEqual(
        currents,
        currents.toSorted((one, next) => one - next),
        'nothing is sent again',
      );
      const other = await openStore();
      tokens.asked.length = 0;
      await other.pull(name, {
        credentials: login,
        report: waitOnce(({ status }) => status.startsWith('Pulling from'), []),
      });
      assert.ok(tokens.asked.length > 1);
      other.close();
    } finally {
      Object.assign(tokens, { lifetime: 300, told: undefined });
    }
    store.close();
  });

/** An image of the registry without logins, under a name of the one with them. */
async function taggedImage(store: ImageStore, name: string, from?: string, text = name): Promise<string> {
  const full = `${locked.host}/${name}`;
  if (from !== undefined) {
    await store.tag(`${locked.host}/${from}`, full);
    return full;
  }
  const repository = name.replace(/:.*$/u, '');
  await putImage({ repository, tag: '1', files: { 'app/app.txt': text } });
  await store.tag(await store.pull(`${registry.host}/${repository}:1`), full);
  return full;
}

async function refuses(
  act: Promise<unknown>,
  expected: { readonly message: RegExp; readonly hint: RegExp },
): Promise<void> {
  await assert.rejects(act, (error) => {
    assert.ok(error instanceof WindowboxError);
    assert.equal(error.code, 'unauthenticated');
    assert.match(error.message, expected.message);
    assert.match(error.hint ?? '', expected.hint);
    return true;
  });
}

/** Holds everything up at the first line of a kind, until a token of three seconds has expired. */
function waitOnce(
  isKind: (progress: TransferProgress) => boolean,
  said: TransferProgress[],
): (progress: TransferProgress) => void {
  let hasWaited = false;
  return (progress) => {
    said.push(progress);
    if (hasWaited || !isKind(progress)) return;
    hasWaited = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3500);
  };
}

function isHalfPushed({ status, progressDetail: { current = 0, total = 0 } = {} }: TransferProgress): boolean {
  return status === 'Pushing' && current < total;
}
