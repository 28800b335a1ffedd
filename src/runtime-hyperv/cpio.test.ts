import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../platform/index.js';
import { cpioArchive } from './cpio.js';

test('busybox unpacks the archive with its names, modes and bytes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-cpio-'));
  try {
    const data = Buffer.from([1, 2, 3, 4, 5, 6, 7]);
    const archive = cpioArchive([
      { path: 'bin', mode: 0o040_755 },
      { path: 'bin/init', mode: 0o100_755, data },
      { path: 'empty', mode: 0o100_644 },
    ]);
    await runCommand('busybox', ['cpio', '-i', '-d'], { cwd: folder, input: archive, timeoutMs: 10_000 });
    assert.deepEqual(await readFile(join(folder, 'bin/init')), data);
    assert.equal((await stat(join(folder, 'bin/init'))).mode & 0o777, 0o755);
    assert.equal((await stat(join(folder, 'empty'))).size, 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
