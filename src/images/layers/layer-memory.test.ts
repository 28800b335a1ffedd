import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../platform/index.js';

const program = fileURLToPath(new URL('../testing/import-made-layer.js', import.meta.url));
const megabyte = 1e6;

const layers: readonly [what: string, files: number, bytes: number][] = [
  ['one large file', 1, 400 * megabyte],
  ['many small files', 5000, 500],
];
for (const [what, files, bytes] of layers)
  test(`an import holds less than 200 MB of memory, whatever the layer's size: ${what}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windowbox-memory-'));
    try {
      const args = [program, folder, String(files), String(bytes)];
      const { stdout } = await runCommand(process.execPath, args, { timeoutMs: 300_000 });
      const held = Number(stdout);
      assert.ok(held > 10 * megabyte && held < 200 * megabyte, `it held ${(held / megabyte).toFixed(0)} MB`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
