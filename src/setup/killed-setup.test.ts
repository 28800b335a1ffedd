import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lockFile, tryCommand } from '../platform/index.js';
import { buildPart, type Part, partFolder } from './build-part.js';

/** A set-up of its own process: the first part is made, the second kills the process half way. */
const victim = `
import { writeFileSync } from 'node:fs';
import { lockFile } from ${JSON.stringify(new URL('../platform/index.js', import.meta.url).href)};
import { buildPart } from ${JSON.stringify(new URL('build-part.js', import.meta.url).href)};
const runtime = process.argv[1];
await lockFile(runtime + '/.lock', { timeoutMs: 0 });
const options = { runtime, rebuild: false, report: () => {} };
await buildPart({ name: 'root', title: 'root', recipe: 1, build: async (folder) => writeFileSync(folder + '/whole', '') }, options);
await buildPart({ name: 'kernel', title: 'kernel', recipe: 1, build: async (folder) => {
  writeFileSync(folder + '/half', '');
  process.kill(process.pid, 'SIGKILL');
} }, options);
`;

test('a set-up that was killed leaves finished parts and its dead lock; the next goes on after them', async () => {
  const runtime = mkdtempSync(join(tmpdir(), 'windowbox-killed-'));
  try {
    const { exitCode } = await tryCommand(process.execPath, ['--input-type=module', '-e', victim, runtime], {
      timeoutMs: 30_000,
    });
    assert.equal(exitCode, 137);
    const built: string[] = [];
    const part = (name: Part['name']): Part => ({
      name,
      title: name,
      recipe: 1,
      build: async (folder) => {
        built.push(name);
        await writeFile(join(folder, 'whole'), '');
      },
    });
    assert.ok(existsSync(join(runtime, partFolder(part('root')), 'whole')));
    assert.equal(existsSync(join(runtime, partFolder(part('kernel')))), false);
    const unlock = await lockFile(join(runtime, '.lock'), { timeoutMs: 5000 });
    const options = { runtime, rebuild: false, report: () => {} };
    await buildPart(part('root'), options);
    assert.deepEqual(readdirSync(await buildPart(part('kernel'), options)), ['whole']);
    await unlock();
    assert.deepEqual(built, ['kernel']);
  } finally {
    rmSync(runtime, { recursive: true, force: true });
  }
});
