import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { readableStack } from './readable-stack.js';

test('the stack of an error from a bundle names the source, and that of another file stays', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-stack-'));
  t.after(async () => rm(folder, { recursive: true }));
  const source =
    'const pad = 1;\nexport function fail(what: string): never {\n  throw new Error(what + String(pad));\n}\n';
  await writeFile(join(folder, 'source.ts'), source);
  const outfile = join(folder, 'bundle.mjs');
  await build({ entryPoints: [join(folder, 'source.ts')], outfile, format: 'esm', minify: true, sourcemap: 'linked' });
  const { fail } = (await import(pathToFileURL(outfile).href)) as { readonly fail: (what: string) => never };
  try {
    fail('wrong');
  } catch (error) {
    assert.ok(error instanceof Error);
    const stack = readableStack(error);
    assert.match(stack, /^Error: wrong1\n\s+at .*source\.ts:3:\d+\)?\n/u);
    assert.match(stack, /readable-stack\.test\.[jt]s:\d+:\d+/u);
    assert.doesNotMatch(stack, /bundle\.mjs/u);
  }
});
