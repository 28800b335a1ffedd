import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSecret } from './build-secrets.js';

test('a secret is a file or a variable, as Docker reads --secret', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'windowbox-secret-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'file');
  writeFileSync(file, 'content');
  const env = { NAME: 'value', id: 'by id' };
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  assert.deepEqual(readSecret(`id=a,src=${file}`, env), ['a', base64('content')]);
  assert.deepEqual(readSecret(`type=file,id=a,source=${file}`, env), ['a', base64('content')]);
  assert.deepEqual(readSecret('id=a,env=NAME', env), ['a', base64('value')]);
  assert.deepEqual(readSecret('type=env,id=NAME', env), ['NAME', base64('value')]);
  assert.deepEqual(readSecret('id=id', env), ['id', base64('by id')]);
  assert.throws(() => readSecret('id=a,env=NONE', env), /environment variable NONE is not set/u);
  assert.throws(() => readSecret('src=x', env), /secret missing required id/u);
  assert.throws(() => readSecret('id=a,src=/none', env), /failed to stat \/none: no such file or directory/u);
  assert.throws(() => readSecret('id=a,what=b', env), /unexpected key 'what'/u);
  writeFileSync(file, Buffer.alloc(600_000));
  assert.throws(() => readSecret(`id=a,src=${file}`, env), /too big/u);
});
