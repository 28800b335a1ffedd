import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { WindowboxError } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import { writeFully } from '../streams/write-fully.js';
import { unpackTar } from '../tar/unpack.js';
import { archivePath, isFolder, type PathStat, statOf } from './path-stat.js';

export type LocalTarget = { readonly kind: 'local'; readonly path: string } | { readonly kind: 'stream' };

/** Copies a file or folder out of a container by the rules of `docker cp`, or its tar stream as it comes to standard output. */
export async function copyFromContainer(
  client: Client,
  source: { readonly container: string; readonly path: string },
  target: LocalTarget,
): Promise<void> {
  const contentsOnly = /[\\/]\.$/u.test(source.path);
  const path = contentsOnly ? source.path.slice(0, -1) : source.path;
  const response = await client.send({ method: 'GET', path: archivePath(source.container), query: { path } });
  if (target.kind === 'stream') {
    for await (const chunk of response) await writeFully(1, Buffer.from(chunk));
    return;
  }
  const plan = await planTarget(target.path, { ...statOf(response), contentsOnly });
  if (plan.makeFolder) await mkdir(plan.folder);
  await unpackTar(response, { folder: plan.folder, rename: (name) => renamed(name, plan.name) });
}

interface Plan {
  readonly folder: string;
  /** What the entry at the top becomes; empty: its content goes into the folder. */
  readonly name: string;
  readonly makeFolder: boolean;
}

async function planTarget(target: string, source: PathStat & { readonly contentsOnly: boolean }): Promise<Plan> {
  const wantsFolder = target.endsWith('/') || target.endsWith('/.');
  const path = resolve(target);
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory() === true)
    return { folder: path, name: source.contentsOnly ? '' : source.name, makeFolder: false };
  if (there !== undefined && isFolder(source))
    throw new WindowboxError('conflict', `cannot copy directory to file "${target}"`);
  if (there === undefined && isFolder(source)) {
    await checkParent(path, target);
    return { folder: path, name: '', makeFolder: true };
  }
  if (wantsFolder) throw new WindowboxError('not-found', `no such directory: "${target}"`);
  await checkParent(path, target);
  return { folder: dirname(path), name: basename(path), makeFolder: false };
}

async function checkParent(path: string, target: string): Promise<void> {
  const parent = await stat(dirname(path)).catch(() => undefined);
  if (parent?.isDirectory() !== true)
    throw new WindowboxError('not-found', `invalid output path: directory "${dirname(target)}" does not exist`);
}

/** The daemon's entries begin with the source's own name; in its place comes ours. */
function renamed(name: string, top: string): string | undefined {
  const [, ...below] = name.replace(/^\.?\/+/u, '').split('/');
  const next = [top, ...below].filter((part) => part !== '').join('/');
  return next === '' ? undefined : next;
}
