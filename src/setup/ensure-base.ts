import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, lchown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isErrno } from '../errors/index.js';
import { containerOwner, type Paths, readRuntimeParts, runCommand, syncFolder } from '../platform/index.js';
import { type BaseIdentity, baseRegistry } from './base-registry.js';
import { editRegistry } from './registry-file.js';

export type { BaseIdentity } from './base-registry.js';

/**
 * The layers of a base, topmost first, each shaped like a Wine prefix: a small difference (the registry of that build; for Nano Server also what it
 * lacks, as overlayfs whiteouts) above the prefix that all bases share. The difference is made at first use, in about 0.1 s.
 *
 * @throws WindowboxError `unavailable` when `windowbox setup` has not run, `invalid-argument` for an unreadable version.
 */
export async function ensureBase(paths: Paths, base: BaseIdentity): Promise<{ readonly lower: readonly string[] }> {
  const { prefix } = await readRuntimeParts(paths);
  const edits = baseRegistry(base);
  const lacks = base.product === 'nanoserver' ? lacksNanoServer : [];
  const hash = createHash('sha256')
    .update(JSON.stringify([basename(prefix), edits, lacks]))
    .digest('hex');
  const folder = join(paths.runtime, `base-${base.product}-${base.osVersion}-${hash.slice(0, 16)}`);
  if (!existsSync(folder)) {
    const temporary = join(paths.runtime, `.building-base-${String(process.pid)}-${String(nextNumber++)}`);
    try {
      await mkdir(temporary);
      await chown(temporary, containerOwner.uid, containerOwner.gid);
      const registry = editRegistry(await readFile(join(prefix, 'system.reg'), 'utf8'), edits);
      await writeFile(join(temporary, 'system.reg'), registry, { flush: true });
      await chown(join(temporary, 'system.reg'), containerOwner.uid, containerOwner.gid);
      await whiteOut({ prefix, folder: temporary, paths: lacks });
      await rename(temporary, folder).catch(ignoreExisting);
      await syncFolder(paths.runtime);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  return { lower: [folder, prefix] };
}

/** Hides what is at these paths of the prefix; parent folders keep the prefix's owner and mode. */
async function whiteOut(options: { prefix: string; folder: string; paths: readonly string[] }): Promise<void> {
  for (const path of options.paths) {
    const spelled = await findSpelling(options.prefix, path);
    if (spelled === undefined) continue;
    const target = join(options.folder, spelled);
    await mkdir(dirname(target), { recursive: true });
    for (let parent = dirname(target); parent !== options.folder; parent = dirname(parent))
      await lchown(parent, containerOwner.uid, containerOwner.gid);
    await runCommand('mknod', [target, 'c', '0', '0'], { timeoutMs: 10_000 });
  }
}

/** Windows names know no case, overlayfs does. */
async function findSpelling(prefix: string, path: string): Promise<string | undefined> {
  let spelled = '';
  for (const part of path.split('/')) {
    const name = (await readdir(join(prefix, spelled))).find((each) => each.toLowerCase() === part.toLowerCase());
    if (name === undefined) return undefined;
    spelled = join(spelled, name);
  }
  return spelled;
}

/** Another process made the same base meanwhile: as good as ours. */
function ignoreExisting(error: unknown): void {
  if (!isErrno(error, 'ENOTEMPTY') && !isErrno(error, 'EEXIST')) throw error;
}

/** Nano Server has no 32-bit subsystem, no installer, no script hosts, no browser, no programs with windows. */
const lacksNanoServer: readonly string[] = [
  'drive_c/windows/syswow64',
  'drive_c/Program Files (x86)',
  'drive_c/Program Files/Internet Explorer',
  'drive_c/Program Files/Windows Media Player',
  'drive_c/Program Files/Windows NT',
  'drive_c/windows/hh.exe',
  'drive_c/windows/notepad.exe',
  'drive_c/windows/regedit.exe',
  'drive_c/windows/winhlp32.exe',
  'drive_c/windows/system32/cscript.exe',
  'drive_c/windows/system32/wscript.exe',
  'drive_c/windows/system32/mshta.exe',
  'drive_c/windows/system32/mshtml.dll',
  'drive_c/windows/system32/ieframe.dll',
  'drive_c/windows/system32/msi.dll',
  'drive_c/windows/system32/msiexec.exe',
  'drive_c/windows/system32/notepad.exe',
  'drive_c/windows/system32/taskmgr.exe',
  'drive_c/windows/system32/WindowsPowerShell',
  'drive_c/windows/system32/winemine.exe',
  'drive_c/windows/system32/wmplayer.exe',
  'drive_c/windows/system32/write.exe',
];

let nextNumber = 0;
