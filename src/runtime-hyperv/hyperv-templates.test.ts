import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { type Context, makeContext, prepareFolders } from './context.js';
import { describeMachine } from './describe-template.js';
import { hypervTemplates } from './hyperv-templates.js';
import { touchTemplate } from './kept-templates.js';
import { writeTemplateNotes } from './template-notes.js';
import { writeVmRecord } from './vm-record.js';

const base = 'base-nanoserver-10.0.17763.1-0123456789abcdef';
const usual = 'a'.repeat(24);
const used = 'b'.repeat(24);
const ofOtherMachine = 'c'.repeat(24);
const ofOtherBase = 'd'.repeat(24);
const unreadable = 'e'.repeat(24);

test('a template tells its base, its users and whether it fits no more', async (t) => {
  const context = await makeCache(t);
  const { templates, shared } = await hypervTemplates(context).list();
  const rows = templates.map(
    ({ id, base: name, users, stale }) => `${id.slice(0, 1)} ${name} ${String(users)} ${String(stale)}`,
  );
  assert.deepEqual(rows.toSorted(), [
    'a nanoserver 10.0.17763.1 0 false',
    'b nanoserver 10.0.17763.1 1 false',
    'c nanoserver 10.0.17763.1 0 true',
    'd base-gone 0 true',
    'e  0 true',
  ]);
  assert.ok(
    templates.every(({ size }) => size >= 4096 && size < 100_000),
    'what is not written takes no room',
  );
  assert.ok(shared >= 3 * 4096);
});

test('prune drops what fits no more and its disk images, with all also what no VM runs on', async (t) => {
  const context = await makeCache(t);
  const templates = hypervTemplates(context);
  const first = await templates.prune({ all: false });
  assert.deepEqual(first.removed.toSorted(), [ofOtherMachine, ofOtherBase, unreadable]);
  assert.ok(first.bytes >= 5 * 4096);
  assert.deepEqual((await readdir(context.templates)).toSorted(), [usual, used]);
  assert.deepEqual((await readdir(context.images)).toSorted(), ['a.erofs', 'b.erofs', 'empty.ext4']);
  assert.deepEqual((await templates.prune({ all: true })).removed, [usual]);
  assert.deepEqual(await readdir(context.templates), [used]);
  assert.deepEqual((await readdir(context.images)).toSorted(), ['b.erofs', 'empty.ext4']);
});

test('a start that is under way keeps the template and the images that it may be about to use', async (t) => {
  const context = await makeCache(t);
  context.starting = 1;
  await hypervTemplates(context).prune({ all: true });
  assert.deepEqual((await readdir(context.templates)).toSorted(), [usual, used]);
  assert.equal((await readdir(context.images)).length, 4);
});

/** Five templates: one nobody uses, one that a VM runs on, one of another machine, one whose base has gone, one without notes. */
async function makeCache(t: TestContext): Promise<Context> {
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-templates-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const runtime = join(folder, 'runtime');
  await mkdir(join(runtime, base), { recursive: true });
  const part = (name: string): string => join(runtime, name);
  const context = makeContext({
    run: join(folder, 'run'),
    cache: join(folder, 'cache'),
    parts: { root: part('root'), kernel: part('kernel'), guest: part('guest'), prefix: part('prefix') },
    accelerator: async () => 'tcg',
    qemu: '/bin/echo',
  });
  await prepareFolders(context);
  const machine = await describeMachine(context);
  const make = async (id: string, notes?: { machine?: string; bases?: string[]; image: string }): Promise<void> => {
    const at = join(context.templates, id);
    await mkdir(at);
    await writeFile(join(at, 'memory'), 'x');
    await truncate(join(at, 'memory'), 1 << 30);
    if (notes === undefined) return;
    const { image, bases = [base] } = notes;
    const common = { version: 1, memory: 1024, processors: 2 } as const;
    await writeTemplateNotes(at, { ...common, machine: notes.machine ?? machine, bases, images: [image] });
    await touchTemplate(at);
  };
  await make(usual, { image: 'a.erofs' });
  await make(used, { image: 'b.erofs' });
  await make(ofOtherMachine, { image: 'c.erofs', machine: 'other' });
  await make(ofOtherBase, { image: 'c.erofs', bases: ['base-gone'] });
  await make(unreadable);
  for (const name of ['a.erofs', 'b.erofs', 'c.erofs', 'empty.ext4']) await writeFile(join(context.images, name), 'x');
  const vm = join(context.machines, 'vm');
  await mkdir(vm);
  const layer = { lower: [], folder: vm };
  await writeVmRecord(vm, { version: 1, id: 'vm', layer, memory: 1024, template: used });
  return context;
}
