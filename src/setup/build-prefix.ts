import { readFileSync } from 'node:fs';
import {
  copyFile,
  lchown,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../errors/index.js';
import { containerOwner, findRepository, runCommand } from '../platform/index.js';
import type { Part } from './build-part.js';
import { wineDlls, wineDlls32 } from './build-root.js';
import { prefixRecipe, rootRecipe } from './recipe.js';
import { editRegistry, type RegistryEdit } from './registry-file.js';
import { runWine } from './wine-command.js';

/** The Wine prefix that all bases share. */
export function prefixPart(root: string): Part {
  return {
    name: 'prefix',
    title: 'shared Windows file system and registry',
    recipe: { prefix: prefixRecipe, root: rootRecipe, registry: readFileSync(startLess(), 'utf8') },
    build: async (prefix) => {
      await lchown(prefix, containerOwner.uid, containerOwner.gid);
      await copyFile(startLess(), join(prefix, 'base.reg'));
      await runWine(initialise, { root, prefix, timeoutMs: 240_000 });
      await rm(join(prefix, 'base.reg'));
      await trimPrefix(prefix);
      await leaveBootToAgent(prefix);
      for (const stub of prefixRecipe.stubs) await rm(join(prefix, 'drive_c/windows', stub), { force: true });
      await addUsers(prefix);
      await shareDlls(join(root, wineDlls), join(prefix, 'drive_c/windows'));
      await shareDlls(join(root, wineDlls32), join(prefix, 'drive_c/windows/syswow64'));
    },
  };
}

/** What a sandbox need not start: services and devices that nothing in a container waits for. */
function startLess(): string {
  return join(findRepository(), 'guest/base.reg');
}

async function trimPrefix(prefix: string): Promise<void> {
  await rm(join(prefix, 'dosdevices'), { recursive: true, force: true });
  await mkdir(join(prefix, 'dosdevices'));
  await symlink('../drive_c', join(prefix, 'dosdevices/c:'));
  await rm(join(prefix, 'wineserver'), { recursive: true, force: true });
  await writeFile(join(prefix, '.update-timestamp'), 'disable\n');
  for (const path of ['dosdevices', 'dosdevices/c:', '.update-timestamp'])
    await lchown(join(prefix, path), containerOwner.uid, containerOwner.gid);
}

/**
 * The agent does what Wine's wineboot.exe would do at a start, in less than half its time (guest/agent/boot.c). The first process of a prefix looks for that
 * program: it is not to find one in the prefix, nor Wine's own behind it, as it would if there were no file at all.
 */
async function leaveBootToAgent(prefix: string): Promise<void> {
  const file = join(prefix, 'drive_c/windows/system32/wineboot.exe');
  await rm(file, { force: true });
  await writeFile(file, 'Windows has no such program, and this is none either.\n');
  await lchown(file, containerOwner.uid, containerOwner.gid);
  await rm(join(prefix, 'drive_c/windows/syswow64/wineboot.exe'), { force: true });
}

/** The two users of a Windows container, with the security identifiers that they have there. */
async function addUsers(prefix: string): Promise<void> {
  const users = join(prefix, 'drive_c/users');
  await runCommand('cp', ['-a', join(users, 'ContainerAdministrator'), join(users, 'ContainerUser')], {
    timeoutMs: 60_000,
  });
  const file = join(prefix, 'system.reg');
  const profile = (sid: string, user: string): RegistryEdit => ({
    key: `Software\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\${sid}`,
    values: {
      Flags: { type: 'number', number: 0 },
      ProfileImagePath: { type: 'expand', text: `C:\\Users\\${user}` },
    },
  });
  const profiles = [profile('S-1-5-93-2-1', 'ContainerAdministrator'), profile('S-1-5-93-2-2', 'ContainerUser')];
  await writeFile(file, editRegistry(await readFile(file, 'utf8'), profiles));
}

/** Wine copies its libraries into each prefix; equal ones become one file with the root's. */
async function shareDlls(dlls: string, windows: string): Promise<void> {
  const names = new Set(await readdir(dlls));
  if (names.size === 0) return;
  for (const entry of await readdir(windows, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !names.has(entry.name)) continue;
    const original = join(dlls, entry.name);
    const copy = join(entry.parentPath, entry.name);
    if (await areEqual(original, copy)) await replaceByLink(original, copy);
  }
}

async function areEqual(a: string, b: string): Promise<boolean> {
  if ((await stat(a)).size !== (await stat(b)).size) return false;
  return (await readFile(a)).equals(await readFile(b));
}

async function replaceByLink(original: string, copy: string): Promise<void> {
  try {
    await link(original, `${copy}.link`);
    await rename(`${copy}.link`, copy);
  } catch (error) {
    if (!isErrno(error, 'EXDEV') && !isErrno(error, 'EMLINK')) throw error;
  }
}

/** The null driver: windows exist, nothing is drawn. Without it a program that makes a window fails. */
const initialise = [
  // Ends with 53 where there is no 32-bit rundll32.exe; whether it did its work is seen from what it made.
  'wine64 wineboot.exe -i; wineserver -w; cd /c/drive_c/windows/system32 && test -f ntdll.dll',
  // Of MinGW, not of Wine: user32 needs it, and wineboot leaves it out.
  `cp /${wineDlls}/zlib1.dll . && { test ! -f /${wineDlls32}/zlib1.dll || cp /${wineDlls32}/zlib1.dll ../syswow64/; }`,
  'wine64 reg.exe add "HKCU\\\\Software\\\\Wine\\\\Drivers" /v Graphics /d null /f',
  "cp /c/base.reg ../base.reg && wine64 regedit.exe /S 'C:\\windows\\base.reg' && rm ../base.reg",
  'wineserver -w',
].join(' && ');
