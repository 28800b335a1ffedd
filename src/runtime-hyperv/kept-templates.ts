import { existsSync } from 'node:fs';
import { readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile } from '../platform/index.js';
import type { Context } from './context.js';

/** More than anybody needs at once; each takes about 200 MB. */
const keptTemplates = 8;
export const makingSuffix = '.making';
/** Whoever makes the template of this folder holds it. */
export const templateLock = (folder: string): string => `${folder}.lock`;
/** The file whose time of change tells when a template was used last. */
const useMark = 'used';

/** Folders of all templates that are finished. */
export async function templateFolders(context: Context): Promise<readonly string[]> {
  const names = await readdir(context.templates).catch(() => []);
  return names.filter((name) => /^[0-9a-f]{24}$/u.test(name)).map((name) => join(context.templates, name));
}

/** True when it is there. */
export async function touchTemplate(folder: string): Promise<boolean> {
  const now = new Date();
  return utimes(join(folder, useMark), now, now).then(
    () => true,
    async () => (existsSync(folder) ? writeFile(join(folder, useMark), '').then(() => true) : false),
  );
}

/** Milliseconds since 1970; 0: never. */
export async function templateUsedAt(folder: string): Promise<number> {
  return stat(join(folder, useMark)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** Those that nobody used for the longest time. A VM that runs on one keeps its memory: a removed file lives until it is closed. */
export async function dropOldTemplates(context: Context, keep: string): Promise<void> {
  const folders = (await templateFolders(context)).filter((folder) => folder !== keep);
  const dated = await Promise.all(folders.map(async (folder) => ({ folder, usedAt: await templateUsedAt(folder) })));
  dated.sort((a, b) => b.usedAt - a.usedAt);
  for (const { folder } of dated.slice(keptTemplates - 1)) await dropTemplate(folder);
}

/** By rename first, so that nobody takes a half-removed one for a template. */
export async function dropTemplate(folder: string): Promise<void> {
  const aside = folder + makingSuffix;
  await rename(folder, aside);
  await rm(aside, { recursive: true, force: true });
}

/** Half-made templates of a process that died: whoever makes one holds its lock. */
export async function dropUnfinished(context: Context): Promise<void> {
  const names = await readdir(context.templates).catch(() => []);
  for (const name of names.filter((entry) => entry.endsWith(makingSuffix))) {
    const folder = join(context.templates, name);
    const lock = templateLock(folder.slice(0, -makingSuffix.length));
    const unlock = await lockFile(lock, { timeoutMs: 0 }).catch(() => undefined);
    if (unlock === undefined) continue;
    await rm(folder, { recursive: true, force: true });
    await unlock();
  }
}
