import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isErrorCode } from '../errors/index.js';
import { lockFile } from './lock-file.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'windowbox-lock-'));
  path = join(folder, '.lock');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('one holder at a time: the others wait for their turn', async () => {
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    const unlock = await lockFile(path, { timeoutMs: 20_000 });
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside -= 1;
    await unlock();
  };
  await Promise.all(Array.from({ length: 8 }, work));
  assert.equal(most, 1);
  assert.deepEqual(readdirSync(folder), []);
});

test('a lock that stays held is an error after the time limit, and the holder is named once', async () => {
  const unlock = await lockFile(path, { timeoutMs: 0 });
  const seen: number[] = [];
  await assert.rejects(lockFile(path, { timeoutMs: 300, onWait: (holder) => seen.push(holder) }), (error) =>
    isErrorCode(error, 'timeout'),
  );
  assert.deepEqual(seen, [process.pid]);
  await unlock();
});

test('the lock of a process that was killed is taken over at once', async () => {
  const program = `import { lockFile } from ${JSON.stringify(new URL('lock-file.js', import.meta.url).href)};
    await lockFile(${JSON.stringify(path)}, { timeoutMs: 0 }); process.stdout.write('held'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await assert.rejects(lockFile(path, { timeoutMs: 0 }));
  holder.kill('SIGKILL');
  await once(holder, 'close');
  const unlock = await lockFile(path, { timeoutMs: 5000 });
  await unlock();
  assert.equal(existsSync(path), false);
});

test('a process id that another program has got since does not hold the lock', async () => {
  writeFileSync(path, `${String(process.pid)} 1\n`);
  await (
    await lockFile(path, { timeoutMs: 5000 })
  )();
});

test('a lock file with nonsense in it does not lock for ever', async () => {
  writeFileSync(path, 'nonsense');
  await (
    await lockFile(path, { timeoutMs: 5000 })
  )();
});
