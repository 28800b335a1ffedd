import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isErrorCode } from '../errors/index.js';
import { type Manifest, mediaTypes } from '../oci/index.js';
import { type ImagePlan, planImage } from './add-image.js';

function plan(layers: number): ImagePlan {
  const descriptor = (index: number) => ({
    mediaType: mediaTypes.ociLayerGzip,
    digest: `sha256:${String(index).padStart(64, '0')}`,
    size: 1,
  });
  const all = Array.from({ length: layers + 1 }, (_, index) => descriptor(index));
  const config = {
    os: 'windows',
    architecture: 'amd64',
    'os.version': '10.0.20348.1',
    rootfs: { type: 'layers' as const, diff_ids: all.map(({ digest }) => digest) },
    history: [{ created_by: 'Apply image 10.0.20348.1' }],
  };
  const manifest: Manifest = { schemaVersion: 2, config: descriptor(9999), layers: all };
  return planImage('sha256:x', config, manifest);
}

test("an image has at most Docker's number of layers above its base", () => {
  assert.equal(plan(125).layers.length, 125);
  assert.throws(
    () => plan(126),
    (error) => isErrorCode(error, 'invalid-argument') && error.message === 'max depth exceeded',
  );
});
