import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { runCommand } from '../../src/platform/index.js';
import { build, openWorld } from '../helpers/build-world.js';
import { put, putBlob } from '../helpers/put-blob.js';
import { registryPair, registryTest } from '../helpers/start-registry.js';
import { layerOf, mediaTypes as types, sha256 } from '../helpers/windows-image.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-multi-'));
after(() => {
  rmSync(folder, { recursive: true });
});
const { registry, microsoft } = registryPair();

const versions = ['10.0.17763.5000', '10.0.20348.6000'];

interface Config {
  readonly os: string;
  readonly architecture: string;
  readonly 'os.version': string;
  readonly created: string;
  readonly rootfs: { readonly diff_ids: readonly string[] };
  readonly history: readonly { readonly empty_layer?: boolean }[];
}
interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly platform?: Readonly<Record<string, string>>;
}
interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}
interface Index {
  readonly manifests: readonly Descriptor[];
}

registryTest('builds for two versions of Windows are one index that others read, the same each time', async () => {
  await putMicrosoftIndex();
  const digests = [];
  for (const tag of ['1', '2']) {
    await buildAndPush(`${registry.host}/multi:${tag}`);
    digests.push(sha256(await rawManifest(`${registry.host}/multi:${tag}`)));
    // Times that are not the given one would be others now.
    await sleep(1100);
  }
  assert.equal(digests[0], digests[1], 'equal input, equal index');

  const raw = JSON.parse(await rawManifest(`${registry.host}/multi:1`)) as Index;
  const platforms = versions.map((version) => ({ architecture: 'amd64', os: 'windows', 'os.version': version }));
  assert.deepEqual(
    raw.manifests.map(({ platform }) => platform),
    platforms,
  );
  const layout = join(folder, 'layout');
  const words = [
    'copy',
    '-q',
    '--all',
    '--src-tls-verify=false',
    `docker://${registry.host}/multi:1`,
    `oci:${layout}:1`,
  ];
  await runCommand('skopeo', words, { timeoutMs: 60_000 });
  const top = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as Index;
  const index = JSON.parse(readBlob(layout, top.manifests[0]).toString()) as Index;
  assert.deepEqual(
    index.manifests.map(({ platform }) => platform),
    platforms,
  );
  const images = index.manifests.map((entry) => checkImage(layout, entry));
  assert.equal(images[0]?.own, images[1]?.own, 'the files are in the registry once');
  assert.notEqual(images[0]?.base, images[1]?.base);
});

async function buildAndPush(name: string): Promise<void> {
  const world = await openWorld([`${microsoft.host}/windows/nanoserver:many`]);
  const dockerfile =
    'FROM mcr.microsoft.com/windows/nanoserver:20348\nWORKDIR C:/app\nCOPY a.txt sub/ ./\nENV A=1\nCMD ["a"]';
  await build(world, dockerfile, {
    files: { 'a.txt': 'a', 'sub/b.txt': 'b' },
    platform: 'windows(10.0.17763)/amd64,windows(10.0.20348)/amd64',
    buildArguments: { SOURCE_DATE_EPOCH: '1700000000' },
    tags: [name],
  });
  await world.store.push(name);
  world.store.close();
}

/** Config, layers and history of an entry must agree with each other and with its platform. */
function checkImage(layout: string, entry: Descriptor): { own: string; base: string } {
  const manifest = JSON.parse(readBlob(layout, entry).toString()) as Manifest;
  const config = JSON.parse(readBlob(layout, manifest.config).toString()) as Config;
  const { os, architecture, 'os.version': version } = config;
  assert.deepEqual({ architecture, os, 'os.version': version }, entry.platform);
  assert.equal(Date.parse(config.created), 1_700_000_000_000);
  const unpacked = manifest.layers.map((layer) => sha256(gunzipSync(readBlob(layout, layer))));
  assert.deepEqual(unpacked, config.rootfs.diff_ids);
  assert.equal(config.history.filter((step) => step.empty_layer !== true).length, unpacked.length);
  return { own: unpacked.at(-1) ?? '', base: unpacked[0] ?? '' };
}

function readBlob(layout: string, descriptor: Descriptor | undefined): Buffer {
  const bytes = readFileSync(join(layout, 'blobs/sha256', descriptor?.digest.replace('sha256:', '') ?? ''));
  assert.deepEqual([sha256(bytes), bytes.length], [descriptor?.digest, descriptor?.size]);
  return bytes;
}

async function rawManifest(name: string): Promise<string> {
  const words = ['inspect', '--raw', '--tls-verify=false', `docker://${name}`];
  return (await runCommand('skopeo', words, { timeoutMs: 20_000 })).stdout;
}

/** What stands in for Microsoft's registry gets one name for both versions. */
async function putMicrosoftIndex(): Promise<void> {
  const repository = 'windows/nanoserver';
  const manifests = [];
  for (const version of versions) {
    const layer = layerOf({ 'Windows/version.txt': version });
    const config = Buffer.from(
      JSON.stringify({
        os: 'windows',
        architecture: 'amd64',
        'os.version': version,
        rootfs: { type: 'layers', diff_ids: [sha256(layer)] },
        history: [{ created_by: `Apply image ${version}` }],
      }),
    );
    const json = JSON.stringify({
      schemaVersion: 2,
      mediaType: types.manifest,
      config: { mediaType: types.config, ...(await putBlob(microsoft.host, repository, config)) },
      layers: [{ mediaType: types.gzip, ...(await putBlob(microsoft.host, repository, gzipSync(layer))) }],
    });
    await put(microsoft.host, `/v2/${repository}/manifests/${sha256(json)}`, json, types.manifest);
    const platform = { os: 'windows', architecture: 'amd64', 'os.version': version };
    manifests.push({ mediaType: types.manifest, digest: sha256(json), size: json.length, platform });
  }
  const index = JSON.stringify({ schemaVersion: 2, mediaType: types.index, manifests });
  await put(microsoft.host, `/v2/${repository}/manifests/many`, index, types.index);
}
