import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { buildPart, type Part, partFolder } from './build-part.js';
import { contentsFile, findDamage } from './part-contents.js';
import type { SetupEvent } from './progress.js';

let runtime: string;
let events: SetupEvent[];
beforeEach(() => {
  runtime = mkdtempSync(join(tmpdir(), 'windowbox-setup-'));
  events = [];
});
afterEach(() => {
  rmSync(runtime, { recursive: true, force: true });
});

function part(recipe: unknown, build: Part['build'] = fill): Part {
  return { name: 'root', title: 'a small part', recipe, build };
}

async function fill(folder: string): Promise<void> {
  await mkdir(join(folder, 'etc'));
  await writeFile(join(folder, 'etc/hosts'), '127.0.0.1 localhost\n');
}

async function make(made: Part, rebuild = false): Promise<string> {
  return buildPart(made, { runtime, rebuild, report: (event) => events.push(event) });
}

test('a part is built once, and found afterwards', async () => {
  let count = 0;
  const counted = part('a', async (folder) => {
    count += 1;
    await fill(folder);
  });
  const first = await make(counted);
  assert.equal(await make(counted), first);
  assert.equal(count, 1);
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'done' ? [event.cached] : [])),
    [false, true],
  );
});

test('another recipe makes another folder, and the old one stays for those who use it', async () => {
  const old = await make(part('a'));
  const next = await make(part('b'));
  assert.notEqual(old, next);
  assert.ok(existsSync(join(old, 'etc/hosts')) && existsSync(join(next, 'etc/hosts')));
});

test('a build that fails leaves no folder with the final name, and the next begins afresh', async () => {
  const failing = part('a', async (folder) => {
    await writeFile(join(folder, 'half'), '');
    throw new Error('no network');
  });
  await assert.rejects(make(failing), /no network/u);
  assert.equal(existsSync(join(runtime, partFolder(failing))), false);
  const folder = await make(part('a'));
  assert.deepEqual(readdirSync(folder), ['etc']);
  assert.equal(existsSync(join(runtime, '.building-root')), false);
});

test('a rebuild puts the old folder aside whole: containers may still run on it', async () => {
  const folder = await make(part('a'));
  await make(
    part('a', async (target) => writeFile(join(target, 'new'), '')),
    true,
  );
  assert.deepEqual(readdirSync(folder), ['new']);
  const aside = readdirSync(runtime).find((name) => name.startsWith('.replaced-root-'));
  assert.ok(aside !== undefined);
  assert.equal(readFileSync(join(runtime, aside, 'etc/hosts'), 'utf8'), '127.0.0.1 localhost\n');
});

const damages: readonly (readonly [string, (folder: string) => void])[] = [
  [
    'missing',
    (folder) => {
      rmSync(join(folder, 'etc/hosts'));
    },
  ],
  [
    'cut',
    (folder) => {
      writeFileSync(join(folder, 'etc/hosts'), '127');
    },
  ],
  [
    'added',
    (folder) => {
      writeFileSync(join(folder, 'etc/more'), '');
    },
  ],
];
for (const [what, damage] of damages)
  test(`a file ${what} after the build is found`, async () => {
    const folder = await make(part('a'));
    assert.deepEqual(await findDamage(folder), []);
    damage(folder);
    assert.match((await findDamage(folder)).join(), /is not as it was made/u);
  });

test('a part whose list of contents is gone counts as damaged', async () => {
  const folder = await make(part('a'));
  rmSync(contentsFile(folder));
  assert.match((await findDamage(folder)).join(), /has no list of contents/u);
});
