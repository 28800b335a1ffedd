import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isErrorCode } from '../../src/errors/index.js';
import { type BaseSource, type ImageStore, openImageStore } from '../../src/images/index.js';
import { runCommand } from '../../src/platform/index.js';
import { serveImage } from '../helpers/serve-image.js';
import { makeImage } from '../helpers/windows-image.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-failures-'));
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });
after(() => {
  rmSync(folder, { recursive: true });
});

const bases: BaseSource = { find: () => undefined, ensure: async () => ({ lower: [base] }) };

async function openStore(at = mkdtempSync(join(folder, 'store-'))): Promise<ImageStore> {
  return openImageStore({ folder: at, bases, choose: () => 0 });
}

test(
  'a pull that finds no room says how much it needs and where, and keeps nothing',
  { skip: process.getuid?.() === 0 ? false : 'needs root, to mount a small file system' },
  async () => {
    const at = mkdtempSync(join(folder, 'disk-'));
    const server = await serveImage(makeImage({ 'large.bin': randomBytes(1_500_000).toString('hex') }));
    await runCommand('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', at], { timeoutMs: 10_000 });
    try {
      const store = await openStore(at);
      await assert.rejects(store.pull(`${server.host}/app:1`), (error) => {
        assert.ok(isErrorCode(error, 'resource-exhausted'), String(error));
        const { message } = error;
        assert.ok(message.startsWith(`Cannot pull "${server.host}/app:1": no space left on device: "${at}" has 0.`));
        assert.match(message, /free, 1\.\d MB and more are needed$/u);
        return true;
      });
      for (const name of ['layers', 'ingest', 'blobs/sha256']) assert.deepEqual(readdirSync(join(at, name)), [], name);
      store.close();
    } finally {
      await runCommand('umount', ['-l', at], { timeoutMs: 10_000 });
      await server.stop();
    }
  },
);
