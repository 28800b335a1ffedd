import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  type AdmitPull,
  type BaseSource,
  type ChoosePlatform,
  type ImageStore,
  openImageStore,
} from '../../src/images/index.js';
import { runCommand } from '../../src/platform/index.js';
import { put, putBlob } from './put-blob.js';
import { registryPair } from './start-registry.js';
import { layerOf, mediaTypes as types, sha256 } from './windows-image.js';

/** For the files of a test file's tests. */
export const folder = mkdtempSync(join(tmpdir(), 'windowbox-registry-world-'));
after(() => {
  rmSync(folder, { recursive: true });
});
/** `microsoft` stands in for Microsoft's registry. */
export const { registry, microsoft } = registryPair();

const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });

export const osVersion = '10.0.20348.5499';
const bases: BaseSource = {
  find: ({ domain, path }) =>
    domain === 'mcr.microsoft.com' && path === 'windows/nanoserver' ? { product: 'nanoserver', osVersion } : undefined,
  ensure: async () => ({ lower: [base] }),
  sources: () => [`${microsoft.host}/windows/nanoserver:ltsc2022`],
};

/** A store with nothing in it. */
export async function openStore(
  choose: (versions: readonly (string | undefined)[]) => ReturnType<ChoosePlatform> = () => 0,
  admit: AdmitPull = () => undefined,
): Promise<ImageStore> {
  return openImageStore({
    folder: mkdtempSync(join(folder, 'store-')),
    bases,
    admit,
    choose: (platforms) => choose(platforms.map((platform) => platform.osVersion)),
  });
}

export interface Built {
  readonly json: string;
  readonly digest: string;
}

/** An image as others make it: Microsoft's layer, which is no readable tar, so that unpacking it would fail, and one of their own. */
export async function putImage(options: {
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

/** A layer as zstd packs it. */
export async function packZstd(layer: Buffer): Promise<{ bytes: Buffer; type: string }> {
  const path = join(mkdtempSync(join(folder, 'zstd-')), 'layer.tar');
  writeFileSync(path, layer);
  await runCommand('zstd', ['-qf', path, '-o', `${path}.zst`], { timeoutMs: 10_000 });
  return { bytes: readFileSync(`${path}.zst`), type: types.zstd };
}

/** What stands in for Microsoft's registry gets its base image. */
export async function putMicrosoftBase(version: string, tag = 'ltsc2022'): Promise<void> {
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
  await put(microsoft.host, `/v2/windows/nanoserver/manifests/${tag}`, manifest, types.manifest);
}
