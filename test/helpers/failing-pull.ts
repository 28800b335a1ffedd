import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type BaseSource, type ImageStore, openImageStore } from '../../src/images/index.js';
import { makeImage } from './windows-image.js';

/** For the files of a test file's tests. */
export const folder = mkdtempSync(join(tmpdir(), 'windowbox-failures-'));
const base = join(folder, 'base');
mkdirSync(join(base, 'drive_c/windows'), { recursive: true });
after(() => {
  rmSync(folder, { recursive: true });
});

const bases: BaseSource = { find: () => undefined, ensure: async () => ({ lower: [base] }) };

/** A store with nothing in it. */
export async function openStore(at = mkdtempSync(join(folder, 'store-'))): Promise<ImageStore> {
  return openImageStore({ folder: at, bases, choose: () => 0 });
}

/** What is pulled. */
export const image = makeImage({ 'app.exe': 'MZ' });
