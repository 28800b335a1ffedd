import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isErrorCode, WindowboxError } from '../../src/errors/index.js';
import { put } from '../helpers/put-blob.js';
import { type Built, folder, openStore, packZstd, osVersion, putImage, registry } from '../helpers/registry-world.js';
import { registryTest } from '../helpers/start-registry.js';
import { layerOf, mediaTypes as types, sha256 } from '../helpers/windows-image.js';

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
  const none = await openStore(() => ({
    text: 'no matching manifest for windows/amd64 in the manifest list entries',
    wayOut: 'Go.',
  }));
  await assert.rejects(none.pull(`${registry.host}/many:1`), (error) => {
    assert.ok(isErrorCode(error, 'not-found'));
    assert.match(error.message, /^no matching manifest for windows\/amd64/u);
    assert.match(error.hint ?? '', /windows\(10\.0\.17763\.1\)\/amd64, windows\(10\.0\.20348\.1\)\/amd64\.\nGo\.$/u);
    return true;
  });
  store.close();
  none.close();
});

registryTest('what the host does not let in is refused before its layers come, a base image too', async () => {
  await putImage({ repository: 'newer', tag: '1', version: '10.0.20348.1' });
  const store = await openStore(undefined, (image) => {
    throw new WindowboxError('unsupported', `no ${image.osVersion ?? ''}`);
  });
  for (const [name, version] of [
    [`${registry.host}/newer:1`, '10.0.20348.1'],
    ['mcr.microsoft.com/windows/nanoserver:ltsc2022', osVersion],
  ] as const) {
    const lines: string[] = [];
    const pull = store.pull(name, { report: ({ status }) => lines.push(status) });
    await assert.rejects(pull, { code: 'unsupported', message: `no ${version}` });
    assert.ok(!lines.some((line) => /layer|Downloaded/u.test(line)), lines.join('\n'));
  }
  assert.deepEqual(await store.list(), []);
  store.close();
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
    packed: packZstd,
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
