import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { contextKey } from './context-key.js';

test('a context has one name for its user, another one for another user, and none where no secret can be kept', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'windowbox-key-'));
  const before = process.env['DOCKER_CONFIG'];
  t.after(() => {
    if (before === undefined) delete process.env['DOCKER_CONFIG'];
    else process.env['DOCKER_CONFIG'] = before;
    rmSync(folder, { recursive: true });
  });
  const keyOf = (user: string, ...parts: readonly string[]): string => {
    process.env['DOCKER_CONFIG'] = join(folder, user);
    return contextKey(parts);
  };
  mkdirSync(join(folder, 'one'));
  mkdirSync(join(folder, 'two'));
  const key = keyOf('one', '/app', '');
  assert.match(key, /^[\da-f]{64}$/u);
  assert.equal(statSync(join(folder, 'one/.buildNodeID')).mode & 0o777, 0o600);
  assert.equal(keyOf('one', '/app', ''), key);
  const others = [keyOf('two', '/app', ''), keyOf('one', '/other', ''), keyOf('one', '/app', '/app/.dockerignore')];
  assert.equal(new Set([key, ...others]).size, 4);
  assert.equal(keyOf('none', '/app', ''), '');
});
