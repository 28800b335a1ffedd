import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrorCode, WindowboxError } from '../../src/errors/index.js';
import { type Credentials, type TransferProgress } from '../../src/images/index.js';
import { runCommand } from '../../src/platform/index.js';
import { folder, openStore, packZstd, putImage, putMicrosoftBase, registry } from '../helpers/registry-world.js';
import { registryTest, startRegistry } from '../helpers/start-registry.js';
import { mediaTypes as types, sha256 } from '../helpers/windows-image.js';

registryTest(
  'an image on a Microsoft base is pulled without its layers, and pushed again as the same bytes',
  async () => {
    const { digest } = await putImage({ repository: 'app', tag: '1' });
    const store = await openStore();
    const said: TransferProgress[] = [];
    const id = await store.pull(`${registry.host}/app:1`, { report: (progress) => said.push(progress) });
    const [layer = ''] = await store.layersOf(id);
    assert.equal(readFileSync(join(layer, 'drive_c/app/app.exe'), 'utf8'), 'MZ');
    const image = await store.inspect(`${registry.host}/app:1`);
    assert.equal(image.baseLayers, 1);
    assert.deepEqual(image.digests, [`${registry.host}/app@${digest}`]);
    const words = said.map(({ status }) => status).join('\n');
    assert.match(
      words,
      /Pulling from app\n[^]*Microsoft's layer left out[^]*Digest: sha256[^]*Status: Downloaded newer image/u,
    );

    said.length = 0;
    await store.pull(`${registry.host}/app:1`, { report: (progress) => said.push(progress) });
    assert.match(said.at(-1)?.status ?? '', /^Status: Image is up to date/u);

    await store.tag(id, `${registry.host}/copy:2`);
    await store.push(`${registry.host}/copy:2`, { report: (progress) => said.push(progress) });
    assert.ok(said.some(({ status }) => status === 'Mounted from app'));
    assert.equal(said.at(-1)?.aux?.['Digest'], digest);
    store.close();
  },
);

registryTest('an image that is removed while it is pushed is pushed whole', async () => {
  const { digest } = await putImage({ repository: 'going', tag: '1' });
  const store = await openStore();
  const id = await store.pull(`${registry.host}/going:1`);
  const name = `${registry.host}/gone:1`;
  await store.tag(id, name);
  const said: TransferProgress[] = [];
  const removals: Promise<unknown>[] = [];
  const report = (progress: TransferProgress): void => {
    if (said.push(progress) === 2) removals.push(store.remove(id, { force: true, prune: true }));
  };
  await store.push(name, { report });
  assert.equal((await Promise.all(removals)).length, 1);
  assert.equal(said.at(-1)?.aux?.['Digest'], digest);
  assert.deepEqual(await store.list({ all: true }), []);
  assert.equal(await store.pull(name), id);
  store.close();
});

registryTest(
  "an image built offline gets Microsoft's layers and history at the push, copied from registry to registry",
  async () => {
    const store = await openStore();
    const nano = await store.resolve('mcr.microsoft.com/windows/nanoserver:ltsc2022');
    const upper = mkdtempSync(join(folder, 'upper-'));
    mkdirSync(join(upper, 'drive_c'));
    writeFileSync(join(upper, 'drive_c/hello.txt'), 'hello');
    const name = `${registry.host}/built:1`;
    const built = await store.commit({
      parent: nano.id,
      upper,
      consume: true,
      config: { Cmd: ['x'] },
      createdBy: 'COPY',
      name,
    });
    await assert.rejects(store.push(name), (error) => {
      assert.ok(isErrorCode(error, 'unavailable'));
      assert.match(error.message, /built offline/u);
      return true;
    });

    await putMicrosoftBase('10.0.20348.5500');
    await store.push(name);

    const other = await openStore();
    const id = await other.pull(name);
    const image = await other.inspect(id);
    assert.equal(image.config['os.version'], '10.0.20348.5500');
    assert.equal(image.config.rootfs.diff_ids.length, 2);
    assert.equal(image.config.history?.[0]?.created_by, 'Apply image 10.0.20348.5500');
    assert.equal(image.offline, false);
    const [layer = ''] = await other.layersOf(id);
    assert.equal(readFileSync(join(layer, 'drive_c/hello.txt'), 'utf8'), 'hello');
    assert.notEqual(id, built);

    store.nameBuilds([built, nano.id], `${registry.host}/index:1`);
    await store.push(`${registry.host}/index:1`);
    const index = await runCommand(
      'skopeo',
      ['inspect', '--raw', '--tls-verify=false', `docker://${registry.host}/index:1`],
      { timeoutMs: 20_000 },
    );
    const { manifests } = JSON.parse(index.stdout) as { manifests: { platform: Record<string, string> }[] };
    assert.deepEqual(
      manifests.map(({ platform }) => platform['os.version']),
      ['10.0.20348.5500', '10.0.20348.5500'],
    );
    store.close();
    other.close();
  },
);

registryTest(
  'a rebased image keeps its packed layers as they came, and its manifest says how they are packed',
  async () => {
    const store = await openStore();
    await putMicrosoftBase('10.0.20348.5500');
    await putImage({ repository: 'zstd', tag: '1', packed: packZstd });
    const id = await store.pull(`${registry.host}/zstd:1`);
    const moved = `${registry.host}/zstd:moved`;
    await store.rebase(id, { onto: 'mcr.microsoft.com/windows/nanoserver:ltsc2022', name: moved });
    await store.push(moved);
    const read = async (tag: string): Promise<readonly { mediaType: string; digest: string }[]> => {
      const { stdout } = await runCommand(
        'skopeo',
        ['inspect', '--raw', '--tls-verify=false', `docker://${registry.host}/zstd:${tag}`],
        { timeoutMs: 20_000 },
      );
      return (JSON.parse(stdout) as { layers: { mediaType: string; digest: string }[] }).layers;
    };
    const [was, now] = [await read('1'), await read('moved')];
    assert.equal(now[0]?.digest, sha256('belongs to Microsoft'));
    assert.equal(now[1]?.digest, was[1]?.digest);
    assert.equal(now[1]?.mediaType, types.zstd);
    store.close();
  },
);

registryTest(
  'an image built on one of others goes to a registry with the base of that, also after an archive',
  async () => {
    const { json } = await putImage({ repository: 'theirs', tag: '1' });
    const store = await openStore();
    const parent = await store.pull(`${registry.host}/theirs:1`);
    const upper = mkdtempSync(join(folder, 'upper-'));
    mkdirSync(join(upper, 'drive_c'));
    writeFileSync(join(upper, 'drive_c/own.txt'), 'own');
    const name = `${registry.host}/on-theirs:1`;
    const id = await store.commit({ parent, upper, config: {}, createdBy: 'COPY own.txt', name });
    const loaded = await openStore();
    await loaded.load(await store.save([name]));
    for (const from of [store, loaded]) {
      await from.push(name);
      const other = await openStore();
      assert.equal(await other.pull(name), id);
      const [own = '', theirs = ''] = await other.layersOf(id);
      assert.equal(readFileSync(join(own, 'drive_c/own.txt'), 'utf8'), 'own');
      assert.equal(readFileSync(join(theirs, 'drive_c/app/app.exe'), 'utf8'), 'MZ');
      other.close();
    }
    const { stdout } = await runCommand('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${name}`], {
      timeoutMs: 20_000,
    });
    const digestsIn = (text: string): string[] =>
      (JSON.parse(text) as { layers: { digest: string }[] }).layers.map(({ digest }) => digest);
    assert.deepEqual(digestsIn(stdout).slice(0, 2), digestsIn(json), "Microsoft's layer and theirs, as they were");
    for (const open of [store, loaded]) open.close();
  },
);

registryTest('a registry with a login takes the right one, and refuses the rest in the words of Docker', async () => {
  const locked = await startRegistry({ htpasswd: `user:${bcryptOfSecret}\n` });
  try {
    const store = await openStore();
    const login: Credentials = { username: 'user', password: 'secret', identityToken: '', registryToken: '' };
    await putImage({ repository: 'login', tag: '1' });
    const id = await store.pull(`${registry.host}/login:1`);
    const name = `${locked.host}/login:1`;
    await store.tag(id, name);
    await assert.rejects(
      store.push(name, { credentials: { ...login, password: 'wrong' } }),
      /denied|basic auth|authorized/u,
    );
    await store.push(name, { credentials: login });
    await store.pull(name, { credentials: login });
    await assert.rejects(store.pull(name, { credentials: { ...login, username: '' } }), (error) => {
      assert.ok(error instanceof WindowboxError);
      assert.equal(error.code, 'unauthenticated');
      return true;
    });
    store.close();
  } finally {
    await locked.stop();
  }
});

/** "secret", as bcrypt writes it. */
const bcryptOfSecret = '$2b$05$zrxMF2xIKaVkt4iwujbjl.OEiloaTy6RnKymnR2rYa5wOym1YVqTW';
