import { link, lchown, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { containerOwner, runCommand } from '../platform/index.js';
import type { Part } from './build-part.js';
import { type DebianArchive, openDebianArchive } from './debian-packages.js';
import { editWine } from './edit-wine.js';
import type { Report } from './progress.js';
import { rootRecipe } from './recipe.js';
import { stripPrograms } from './strip-programs.js';

/** Debian 13 with Wine, as small as runs programs without a screen: unpacked only, no package database, no scripts run. */
export function rootPart(runtime: string): Part {
  return {
    name: 'root',
    title: 'Debian 13 with Wine 10',
    recipe: rootRecipe,
    build: async (root, report) => {
      const archive = await openDebianArchive(join(runtime, '.apt-root'), rootRecipe.suites);
      try {
        report({ type: 'detail', name: 'root', text: 'downloading' });
        const debs = await archive.download(rootRecipe.packages);
        const deb32 = await download32(archive, debs, report);
        report({ type: 'detail', name: 'root', text: 'unpacking' });
        for (const deb of debs) await unpack(deb, root, unpackAll);
        await layOut(root);
        if (deb32 === undefined) await mkdir(join(root, wineDlls32), { recursive: true });
        else await add32BitLibraries(root, deb32);
        await trim(root, deb32 !== undefined);
      } finally {
        await archive.close();
      }
      report({ type: 'detail', name: 'root', text: 'stripping' });
      for (const folder of [wineDlls, wineDlls32]) await stripPrograms(join(root, folder));
      for (const { file, what } of await editWine(join(root, wineDlls, '..')))
        report({ type: 'detail', name: 'root', text: `another Wine than expected: ${file} stays as it is (${what})` });
      for (const folder of [wineDlls, wineDlls32]) await giveAway(join(root, folder));
      await runCommand('ldconfig', ['-r', root], { timeoutMs: 60_000 });
    },
  };
}

/**
 * The 32-bit libraries, where the mirror still has those of this Wine. Debian may have gone on to another version than the one whose checksum
 * we know: then 32-bit programs do not run, and everything else does.
 */
async function download32(
  archive: DebianArchive,
  debs: readonly string[],
  report: Report,
): Promise<string | undefined> {
  const version = /libwine_(.+)_i386\.deb$/u.exec(rootRecipe.libraries32.path)?.[1] ?? '';
  const isSame = debs.some((deb) => basename(deb).replaceAll('%3a', ':') === `libwine_${version}_amd64.deb`);
  const deb = isSame ? await archive.downloadFile(rootRecipe.libraries32).catch(() => undefined) : undefined;
  if (deb === undefined)
    report({
      type: 'detail',
      name: 'root',
      text: `no 32-bit libraries of Wine ${version}: 32-bit programs will not run`,
    });
  return deb;
}

/** Wine's Windows programs and libraries below the root. */
export const wineDlls = 'usr/lib/x86_64-linux-gnu/wine/x86_64-windows';
export const wineDlls32 = 'usr/lib/x86_64-linux-gnu/wine/i386-windows';

const unpackAll = 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2"';
const unpack32 = `${unpackAll} --strip-components=4 ./usr/lib/i386-linux-gnu/wine/i386-windows`;

async function unpack(deb: string, folder: string, script: string): Promise<void> {
  await runCommand('sh', ['-ec', script, 'sh', deb, folder], { timeoutMs: 300_000 });
}

async function add32BitLibraries(root: string, deb: string): Promise<void> {
  await unpack(deb, join(root, 'usr/lib/x86_64-linux-gnu'), unpack32);
}

/** To the owner of prefixes, who shares these files by hard link. */
async function giveAway(folder: string): Promise<void> {
  for (const file of await readdir(folder)) await lchown(join(folder, file), containerOwner.uid, containerOwner.gid);
}

async function layOut(root: string): Promise<void> {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(root, name));
  }
  for (const folder of mountPoints) await mkdir(join(root, folder), { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), content);
  }
  await writeFile(join(root, 'etc/ssl/certs/ca-certificates.crt'), await readAuthorities(root));
  for (const name of ['sh', 'env', 'mount', 'umount', 'sleep', 'cat', 'cp', 'ls'])
    await symlink('busybox', join(root, 'usr/bin', name));
  await link(join(root, 'usr/lib/wine/wine64'), join(root, 'usr/lib/wine/wine'));
  await rm(join(root, 'usr/lib/wine/wineserver'), { force: true });
  await symlink('wineserver64', join(root, 'usr/lib/wine/wineserver'));
  for (const name of ['wine', 'wine64', 'wineserver'])
    await symlink(`../lib/wine/${name}`, join(root, 'usr/bin', name));
}

/** Of the authorities that Debian trusts, as one file: what `update-ca-certificates` would make. */
async function readAuthorities(root: string): Promise<string> {
  const folder = join(root, 'usr/share/ca-certificates/mozilla');
  const names = (await readdir(folder)).sort();
  return (await Promise.all(names.map(async (name) => readFile(join(folder, name), 'utf8')))).join('');
}

async function trim(root: string, has32: boolean): Promise<void> {
  // Debian links zlib1.dll, which is MinGW's, from a folder that goes.
  const zlib64 = await readFile(join(root, 'usr/x86_64-w64-mingw32/lib/zlib1.dll'));
  const zlib32 = await readFile(join(root, 'usr/i686-w64-mingw32/lib/zlib1.dll'));
  for (const path of rootRecipe.remove) await rm(join(root, path), { recursive: true, force: true });
  const fonts = join(root, 'usr/share/wine/fonts');
  const kept: readonly string[] = rootRecipe.fonts;
  for (const name of await readdir(fonts)) if (!kept.includes(name)) await rm(join(fonts, name));
  for (const folder of [wineDlls, wineDlls32]) await rm(join(root, folder, 'zlib1.dll'), { force: true });
  await writeFile(join(root, wineDlls, 'zlib1.dll'), zlib64);
  if (has32) await writeFile(join(root, wineDlls32, 'zlib1.dll'), zlib32);
}

const mountPoints = [
  'c',
  'dev',
  'proc',
  'sys',
  'tmp',
  'run/windowbox',
  'usr/lib/windowbox',
  'var/tmp',
  'root',
  'mnt',
  'etc/ssl/certs',
  'etc/fonts',
];

/** User 1000 inside a container's user namespace is 101000 outside, where the prefix is made: Wine asks for its name in both places. */
const files: Readonly<Record<string, string>> = {
  'etc/passwd': [
    'root:x:0:0::/root:/bin/sh',
    'ContainerAdministrator:x:1000:1000::/tmp:/bin/sh',
    `ContainerAdministrator:x:${String(containerOwner.uid)}:${String(containerOwner.gid)}::/tmp:/bin/sh`,
    '',
  ].join('\n'),
  'etc/group': `root:x:0:\nContainerAdministrator:x:1000:\nContainerAdministrator:x:${String(containerOwner.gid)}:\n`,
  'etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
  'etc/hostname': 'localhost\n',
  'etc/resolv.conf': '',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  // No folder of fonts to go through: Wine finds its own by itself. Without the library no program can have a window.
  'etc/fonts/fonts.conf':
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><cachedir>/tmp/fontconfig</cachedir></fontconfig>\n',
};
