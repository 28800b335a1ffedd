import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import { runCommand } from '../platform/index.js';
import type { Part } from './build-part.js';
import { openDebianArchive } from './debian-packages.js';
import { kernelRecipe } from './recipe.js';

/** The utility VM's kernel: `vmlinuz`, `modules/NAME.ko` (unpacked), and `modules.json`, their names in the order to load them. */
export function kernelPart(runtime: string, root: string): Part {
  return {
    name: 'kernel',
    title: 'kernel of the utility VM',
    recipe: kernelRecipe,
    build: async (folder) => {
      const unpacked = join(runtime, '.unpacked-kernel');
      const archive = await openDebianArchive(join(runtime, '.apt-kernel'), kernelRecipe.suites);
      try {
        const name = await archive.dependency(kernelRecipe.package, /^linux-image-\d/u);
        await rm(unpacked, { recursive: true, force: true });
        for (const deb of await archive.download([name]))
          await runCommand('dpkg-deb', ['-x', deb, unpacked], { timeoutMs: 300_000 });
        await takeKernel({ unpacked, busybox: join(root, 'usr/bin/busybox') }, folder);
      } finally {
        await archive.close();
        await rm(unpacked, { recursive: true, force: true });
      }
    },
  };
}

async function takeKernel(from: { unpacked: string; busybox: string }, folder: string): Promise<void> {
  const image = (await readdir(join(from.unpacked, 'boot'))).find((name) => name.startsWith('vmlinuz-'));
  if (image === undefined)
    throw new WindowboxError('internal', 'Cannot find the kernel in its package: no boot/vmlinuz-*');
  await copyFile(join(from.unpacked, 'boot', image), join(folder, 'vmlinuz'));
  const release = image.slice('vmlinuz-'.length);
  const packed = await listModules(join(from.unpacked, 'usr/lib/modules', release));
  await mkdir(join(folder, 'modules'));
  const order = new Set<string>();
  const take = async (name: string): Promise<void> => {
    const path = packed.get(name);
    if (path === undefined || order.has(name)) return;
    const module = join(folder, 'modules', `${name}.ko`);
    await copyFile(path, `${module}.xz`);
    await runCommand(from.busybox, ['unxz', `${module}.xz`], { timeoutMs: 60_000 });
    for (const needed of readNeeds(await readFile(module, 'latin1'))) await take(needed);
    order.add(name);
  };
  for (const name of kernelRecipe.modules) await take(name);
  await writeFile(join(folder, 'modules.json'), `${JSON.stringify({ release, order: [...order] })}\n`);
}

/** By name, as the kernel spells it. A module that is built in has no file. */
async function listModules(folder: string): Promise<ReadonlyMap<string, string>> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.ko.xz'));
  return new Map(paths.map((path) => [moduleName(basename(path, '.ko.xz')), join(folder, path)]));
}

/** The module names in its `depends=a,b` field. */
function readNeeds(module: string): readonly string[] {
  const [, names = ''] = /\0depends=([^\0]*)\0/u.exec(module) ?? [];
  return names.split(',').filter(Boolean).map(moduleName);
}

function moduleName(name: string): string {
  return name.replaceAll('-', '_');
}
