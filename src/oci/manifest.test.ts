import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isErrorCode } from '../errors/index.js';
import { parseImageConfig } from './image-config.js';
import { parseManifest } from './manifest.js';
import { isForeignLayerType, layerCompression, mediaTypes } from './media-types.js';

const digest = `sha256:${'a'.repeat(64)}`;
const config = { mediaType: mediaTypes.ociConfig, digest, size: 2 };
const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [] };

test('a manifest and an index are told apart by what they are called, or by their content', () => {
  assert.equal(parseManifest(JSON.stringify(manifest), mediaTypes.ociManifest).kind, 'manifest');
  assert.equal(parseManifest(JSON.stringify({ ...manifest, mediaType: undefined }), undefined).kind, 'manifest');
  assert.equal(parseManifest(JSON.stringify({ schemaVersion: 2, manifests: [] }), undefined).kind, 'index');
});

const refused: readonly [string, unknown, string | undefined, 'invalid-argument' | 'unsupported'][] = [
  ['no JSON object', 'text', undefined, 'invalid-argument'],
  ['two media types', manifest, mediaTypes.dockerManifest, 'invalid-argument'],
  ['both kinds in one', { ...manifest, manifests: [] }, undefined, 'invalid-argument'],
  [
    'a digest that is none',
    { ...manifest, config: { ...config, digest: 'sha256:../../x' } },
    undefined,
    'invalid-argument',
  ],
  ['a negative size', { ...manifest, config: { ...config, size: -1 } }, undefined, 'invalid-argument'],
  ['schema 1', { schemaVersion: 1 }, undefined, 'unsupported'],
  ['another artifact', { ...manifest, mediaType: 'text/plain' }, undefined, 'unsupported'],
];
for (const [what, document, mediaType, code] of refused)
  test(`a manifest is refused for ${what}`, () => {
    assert.throws(
      () => parseManifest(JSON.stringify(document), mediaType),
      (error) => isErrorCode(error, code),
    );
  });

test('a config keeps the fields that we do not know, and nulls are absent', () => {
  const text = {
    os: 'windows',
    architecture: 'amd64',
    config: { Env: null, X: 1 },
    rootfs: { type: 'layers', diff_ids: [] },
    y: 2,
  };
  const parsed = parseImageConfig(JSON.stringify(text), 'x');
  assert.deepEqual(parsed, text);
  assert.throws(() => parseImageConfig('{"os":1}', 'x'), /Cannot read image config "x"/u);
});

test('layer types say how their bytes are packed and whether they are foreign', () => {
  assert.equal(layerCompression(mediaTypes.ociLayerZstd), 'zstd');
  assert.equal(layerCompression(mediaTypes.dockerForeignLayerGzip), 'gzip');
  assert.equal(layerCompression(mediaTypes.ociLayer), 'none');
  assert.equal(layerCompression(mediaTypes.ociConfig), undefined);
  assert.equal(isForeignLayerType('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'), true);
  assert.equal(isForeignLayerType(mediaTypes.dockerLayerGzip), false);
});
