import assert from 'node:assert/strict';
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { after, test } from 'node:test';
import { type ImageStore, openImageStore } from '../../src/images/index.js';
import { runCommand, tarEnd, tarHeader, tarPadding } from '../../src/platform/index.js';
import { hasProgram } from '../helpers/run-client.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-archives-'));
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });
after(() => {
  rmSync(folder, { recursive: true });
});

const nano = { product: 'nanoserver', osVersion: '10.0.20348.1' } as const;
const skip = hasProgram('skopeo') ? false : 'skopeo is not installed (Debian: skopeo)';

async function openStore(): Promise<ImageStore> {
  return openImageStore({
    folder: mkdtempSync(join(folder, 'store-')),
    bases: { find: () => undefined, ensure: async () => ({ lower: [base] }) },
    choose: () => 0,
  });
}

async function* plainArchive(): AsyncGenerator<Uint8Array> {
  yield Buffer.concat([tarHeader({ name: 'a.txt', type: 'file', size: 1 }), Buffer.from('a'), tarPadding(1), tarEnd]);
}

test(
  'archives of ours are read by skopeo, and what it writes of them, in both of its formats, is the image again',
  { skip },
  async () => {
    const store = await openStore();
    await store.importTar({ tar: plainArchive(), base: nano, name: 'app:1' });
    const ours = join(folder, 'ours.tar');
    await pipeline(await store.save(['app:1']), createWriteStream(ours));
    const copies = [
      [`docker-archive:${ours}:app:1`, 'oci-archive', 'app:2'],
      [`oci-archive:${ours}`, 'docker-archive', 'app:3'],
      [`docker-archive:${ours}:app:1`, 'docker-archive', 'app:4'],
    ] as const;
    for (const [from, format, name] of copies) {
      const path = join(folder, `${name}.tar`.replace(':', '-'));
      const words = ['--override-os', 'windows', '--override-arch', 'amd64', 'copy', '-q'];
      await runCommand('skopeo', [...words, from, `${format}:${path}:${name}`], { timeoutMs: 60_000 });
      const other = await openStore();
      const [loaded] = await other.load(createReadStream(path));
      assert.deepEqual(loaded?.names, [name], format);
      const { base: standsOn, offline } = await other.inspect(name);
      assert.deepEqual([standsOn, offline], [nano, true]);
      const [layer = ''] = await other.layersOf(loaded.id);
      assert.equal(readFileSync(join(layer, 'drive_c/a.txt'), 'utf8'), 'a');
      other.close();
    }
    store.close();
  },
);
