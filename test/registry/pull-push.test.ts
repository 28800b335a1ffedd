import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isErrorCode, WindowboxError } from '../../src/errors/index.js';
import {
  type BaseSource,
  type Credentials,
  type ImageStore,
  openImageStore,
  type TransferProgress,
} from '../../src/images/index.js';
import { runCommand } from '../../src/platform/index.js';
import { put, putBlob } from '../helpers/put-blob.js';
import { noRegistry, registryTest, startRegistry, type TestRegistry } from '../helpers/start-registry.js';
import { layerOf, mediaTypes as types, sha256 } from '../helpers/windows-image.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-pull-'));
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });
let registry: TestRegistry;
let microsoft: TestRegistry;
before(async () => {
  if (noRegistry !== false) return;
  registry = await startRegistry();
  microsoft = await startRegistry();
});
after(async () => {
  rmSync(folder, { recursive: true });
  if (noRegistry !== false) return;
  await registry.stop();
  await microsoft.stop();
});

const osVersion = '10.0.20348.5499';
const bases: BaseSource = {
  find: ({ domain, path }) =>
    domain === 'mcr.microsoft.com' && path === 'windows/nanoserver' ? { product: 'nanoserver', osVersion } : undefined,
  ensure: async () => ({ lower: [base] }),
  sources: () => [`${microsoft.host}/windows/nanoserver:ltsc2022`],
};

async function openStore(choose: (versions: readonly (string | undefined)[]) => number = () => 0): Promise<ImageStore> {
  return openImageStore({
    folder: mkdtempSync(join(folder, 'store-')),
    bases,
    choose: (platforms) => choose(platforms.map((platform) => platform.osVersion)),
  });
}

interface Built {
  readonly json: string;
  readonly digest: string;
}

/** An image as others make it: Microsoft's layer, which is no readable tar, so that unpacking it would fail, and one of their own. */
async function putImage(options: {
  repository: string;
  tag?: string;
  version?: string;
  files?: Readonly<Record<string, string>>;
  packed?: (layer: Buffer) => Promise<{ bytes: Buffer; type: string }>;
}): Promise<Built> {
  const { repository, version = osVersion, files = { 'app/app.exe': 'MZ' } } = options;
  const theirs = Buffer.from(`${version} belongs to Microsoft`);
  const layer = layerOf(files);
  const { bytes, type } = options.packed ? await options.packed(layer) : { bytes: gzipSync(layer), type: types.gzip };
  const config = Buffer.from(
    JSON.stringify({
      os: 'windows',
      architecture: 'amd64',
      'os.version': version,
      config: { Cmd: ['app.exe'] },
      rootfs: { type: 'layers', diff_ids: [sha256(`unpacked ${version}`), sha256(layer)] },
      history: [{ created_by: 'Apply image 10.0.20348.1' }, { created_by: 'COPY app' }],
    }),
  );
  await putBlob(registry.host, repository, theirs);
  await putBlob(registry.host, repository, bytes);
  await putBlob(registry.host, repository, config);
  const json = JSON.stringify({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: sha256(config), size: config.length },
    layers: [
      { mediaType: types.gzip, digest: sha256(theirs), size: theirs.length },
      { mediaType: type, digest: sha256(bytes), size: bytes.length },
    ],
  });
  await put(registry.host, `/v2/${repository}/manifests/${options.tag ?? sha256(json)}`, json, types.manifest);
  return { json, digest: sha256(json) };
}

/** What stands in for Microsoft's registry gets its base image. */
async function putMicrosoftBase(version: string): Promise<void> {
  const theirs = Buffer.from('belongs to Microsoft');
  const config = Buffer.from(
    JSON.stringify({
      os: 'windows',
      architecture: 'amd64',
      'os.version': version,
      rootfs: { type: 'layers', diff_ids: [sha256('theirs')] },
      history: [{ created_by: `Apply image ${version}` }],
    }),
  );
  await putBlob(microsoft.host, 'windows/nanoserver', theirs);
  await putBlob(microsoft.host, 'windows/nanoserver', config);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: sha256(config), size: config.length },
    layers: [{ mediaType: types.gzip, digest: sha256(theirs), size: theirs.length }],
  });
  await put(microsoft.host, '/v2/windows/nanoserver/manifests/ltsc2022', manifest, types.manifest);
}

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

registryTest('of an index the build that the host chooses is pulled, and a refusal lists what there is', async () => {
  const older = await putImage({ repository: 'many', version: '10.0.17763.1', files: { 'v.txt': 'old' } });
  const newer = await putImage({ repository: 'many', version: '10.0.20348.1', files: { 'v.txt': 'new' } });
  const json = JSON.stringify({
    schemaVersion: 2,
    mediaType: types.index,
    manifests: [
      [older, '10.0.17763.1'],
      [newer, '10.0.20348.1'],
    ].map(([image, version]) => ({
      mediaType: types.manifest,
      digest: (image as Built).digest,
      size: (image as Built).json.length,
      platform: { os: 'windows', architecture: 'amd64', 'os.version': version },
    })),
  });
  await put(registry.host, '/v2/many/manifests/1', json, types.index);
  const store = await openStore((versions) => versions.indexOf('10.0.20348.1'));
  const id = await store.pull(`${registry.host}/many:1`);
  assert.equal((await store.inspect(id)).config['os.version'], '10.0.20348.1');
  const none = await openStore(() => -1);
  await assert.rejects(none.pull(`${registry.host}/many:1`), (error) => {
    assert.ok(isErrorCode(error, 'not-found'));
    assert.match(error.message, /^no matching manifest for windows\/amd64/u);
    assert.match(error.hint ?? '', /windows\(10\.0\.17763\.1\)\/amd64, windows\(10\.0\.20348\.1\)\/amd64/u);
    return true;
  });
  store.close();
  none.close();
});

registryTest(
  'a name that is one image gives it for whatever platform, and a warning in the words of Docker',
  async () => {
    await putImage({ repository: 'single', tag: '1', version: '10.0.20348.1' });
    const store = await openStore();
    const name = `${registry.host}/single:1`;
    const warningsFor = async (platform: string): Promise<string[]> => {
      const said: string[] = [];
      await store.pull(name, { platform, report: ({ status }) => said.push(status) });
      return said.filter((status) => status.startsWith('WARNING'));
    };
    assert.deepEqual(await warningsFor('windows(10.0.17763)/amd64'), [
      `WARNING: image with reference ${name} was found but does not match the specified platform: wanted windows(10.0.17763)/amd64, actual: windows(10.0.20348.1)/amd64`,
    ]);
    assert.deepEqual(await warningsFor('windows/amd64'), []);
    assert.deepEqual(await warningsFor('windows(10.0.20348)/amd64'), []);
    store.close();
  },
);

registryTest('a name is looked at without a pull: builds, digests, and what a pull would fetch of each', async () => {
  const store = await openStore();
  const many = await store.inspectRemote(`${registry.host}/many:1`, { sizes: true });
  assert.equal(many.mediaType, types.index);
  assert.deepEqual(
    many.builds.map(({ platform }) => platform.osVersion),
    ['10.0.17763.1', '10.0.20348.1'],
  );
  const { digest, json } = await putImage({ repository: 'one', tag: '1' });
  const { layers } = JSON.parse(json) as { layers: { size: number }[] };
  const [theirs = 0, own = 0] = layers.map(({ size }) => size);
  const one = await store.inspectRemote(`${registry.host}/one:1`);
  assert.equal(one.digest, digest);
  assert.deepEqual(one.builds, [
    {
      platform: { os: 'windows', architecture: 'amd64', osVersion },
      digest,
      sizes: { total: theirs + own, own },
    },
  ]);
  const base = await store.inspectRemote('mcr.microsoft.com/windows/nanoserver:ltsc2022');
  assert.equal(base.builds[0]?.platform.osVersion, osVersion, 'a base needs no registry');
  assert.deepEqual(await store.list(), []);
  await assert.rejects(store.inspectRemote(`${registry.host}/none:1`), (error) => isErrorCode(error, 'not-found'));
  store.close();
});

registryTest('zstd and plain layers are read as gzip is', async () => {
  const store = await openStore();
  await putImage({
    repository: 'zstd',
    tag: '1',
    packed: async (layer) => {
      const path = join(folder, 'layer.tar');
      writeFileSync(path, layer);
      await runCommand('zstd', ['-qf', path, '-o', `${path}.zst`], { timeoutMs: 10_000 });
      return { bytes: readFileSync(`${path}.zst`), type: types.zstd };
    },
  });
  await putImage({
    repository: 'plain',
    tag: '1',
    packed: async (layer) => ({ bytes: layer, type: 'application/vnd.oci.image.layer.v1.tar' }),
  });
  for (const name of ['zstd', 'plain']) {
    const [layer = ''] = await store.layersOf(await store.pull(`${registry.host}/${name}:1`));
    assert.equal(readFileSync(join(layer, 'drive_c/app/app.exe'), 'utf8'), 'MZ');
  }
  store.close();
});

registryTest('a layer that is not what the config says leaves nothing behind', async () => {
  const store = await openStore();
  await putImage({
    repository: 'wrong',
    tag: '1',
    packed: async () => ({ bytes: gzipSync(layerOf({ other: 'x' })), type: types.gzip }),
  });
  await assert.rejects(store.pull(`${registry.host}/wrong:1`), (error) => isErrorCode(error, 'data-loss'));
  assert.deepEqual(await store.list(), []);
  await store.collectGarbage();
  store.close();
});

registryTest('all tags of a repository are pulled, each under its name, up to the first that fails', async () => {
  const one = await putImage({ repository: 'tags', tag: 'one', files: { 'one.txt': '1' } });
  await putImage({ repository: 'tags', tag: 'two', files: { 'two.txt': '2' } });
  const store = await openStore();
  const seen: string[] = [];
  await store.pullAllTags(`${registry.host}/tags`, { report: ({ status }) => seen.push(status) });
  const names = (await store.list()).flatMap((image) => image.names).toSorted();
  assert.deepEqual(names, [`${registry.host}/tags:one`, `${registry.host}/tags:two`]);
  assert.ok(seen.includes(`Digest: ${one.digest}`));

  const rejected = async (name: string, expected: RegExp): Promise<void> =>
    assert.rejects(store.pullAllTags(name), expected);
  await rejected(`${registry.host}/tags:one`, /it names one/u);
  await rejected(`${registry.host}/nothing`, /repository .*\/nothing not found: name unknown/u);
  await rejected('mcr.microsoft.com/windows/nanoserver', /they stand for bases that are made here/u);
  store.close();
});

registryTest("a layer of Microsoft's base that nothing else gives away is refused by what is in it", async () => {
  await putImage({ repository: 'hidden', tag: '1', files: { 'Windows/System32/config/SOFTWARE': 'regf' } });
  const store = await openStore();
  await assert.rejects(store.pull(`${registry.host}/hidden:1`), (error) => isErrorCode(error, 'unsupported'));
  store.close();
});

registryTest('a download that breaks goes on where it stopped', async () => {
  const text = Array.from({ length: 20_000 }, (_, index) => sha256(String(index))).join('\n');
  await putImage({ repository: 'large', tag: '1', files: { 'large.txt': text } });
  const ranges: (string | undefined)[] = [];
  const proxy = createServer((incoming, outgoing) => {
    const onward = request(
      `http://${registry.host}${incoming.url ?? ''}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        const isLayer = Number(answer.headers['content-length'] ?? 0) > 100_000;
        if (isLayer) ranges.push(incoming.headers.range);
        if (!isLayer || ranges.length > 2) answer.pipe(outgoing);
        else
          answer.once('data', (chunk: Buffer) => {
            outgoing.write(chunk, () => outgoing.destroy());
            answer.destroy();
          });
      },
    );
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  const address = proxy.address();
  assert.ok(typeof address === 'object' && address !== null);
  const store = await openStore();
  const [layer = ''] = await store.layersOf(await store.pull(`127.0.0.1:${String(address.port)}/large:1`));
  assert.equal(readFileSync(join(layer, 'drive_c/large.txt'), 'utf8'), text);
  assert.equal(ranges.length, 3);
  assert.equal(ranges[0], undefined);
  assert.match(ranges[2] ?? '', /^bytes=[1-9]\d*-$/u);
  proxy.closeAllConnections();
  proxy.close();
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

registryTest('a name that the registry does not have is not found, with the text of Docker', async () => {
  const store = await openStore();
  await assert.rejects(store.pull(`${registry.host}/none:1`), (error) => {
    assert.ok(isErrorCode(error, 'not-found'));
    assert.equal(error.message, `manifest for ${registry.host}/none:1 not found: manifest unknown: manifest unknown`);
    return true;
  });
  assert.deepEqual(
    readdirSync(join(folder)).filter((name) => name.startsWith('dl-')),
    [],
  );
  store.close();
});

/** "secret", as bcrypt writes it. */
const bcryptOfSecret = '$2b$05$zrxMF2xIKaVkt4iwujbjl.OEiloaTy6RnKymnR2rYa5wOym1YVqTW';
