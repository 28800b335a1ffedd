import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeMountStub } from './remove-mount-stub.js';

test('what a mount was mounted on goes, as far as it is empty and was not in the image', async (t) => {
  const drive = mkdtempSync(join(tmpdir(), 'windowbox-stub-'));
  t.after(() => {
    rmSync(drive, { recursive: true });
  });
  mkdirSync(join(drive, 'Run/secrets'), { recursive: true });
  writeFileSync(join(drive, 'Run/secrets/token'), '');
  await removeMountStub(drive, 'C:\\run\\SECRETS\\token', 1);
  assert.equal(existsSync(join(drive, 'Run/secrets')), false);
  assert.equal(existsSync(join(drive, 'Run')), true, 'the image has it');

  mkdirSync(join(drive, 'a/b'), { recursive: true });
  writeFileSync(join(drive, 'a/kept'), 'x');
  await removeMountStub(drive, 'C:\\a\\b', 0);
  assert.equal(existsSync(join(drive, 'a/b')), false);
  assert.equal(existsSync(join(drive, 'a/kept')), true);

  await removeMountStub(join(drive, 'nothing'), 'C:\\a', 0);
});
