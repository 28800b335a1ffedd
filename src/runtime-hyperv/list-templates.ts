import { readdir, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Context } from './context.js';
import { describeMachine } from './describe-template.js';
import { templateFolders, templateUsedAt } from './kept-templates.js';
import { readTemplateNotes, type TemplateNotes } from './template-notes.js';
import { readVmRecord } from './vm-record.js';

/** A template, as a user may want to know of it. Sizes in bytes, times in milliseconds since 1970. */
export interface TemplateView {
  readonly id: string;
  /** `nanoserver 10.0.17763.1`; empty: of another version of Windowbox. */
  readonly base: string;
  /** Mebibytes. */
  readonly memory: number;
  readonly processors: number;
  readonly size: number;
  readonly createdAt: number;
  readonly usedAt: number;
  /** VMs of this engine that run on it. */
  readonly users: number;
  /** No VM can start from it any more: QEMU, the kernel, the guest programs or the base have changed. */
  readonly stale: boolean;
}

/** Every template with its notes, the one that was used last first. */
export async function listTemplates(
  context: Context,
): Promise<readonly { readonly view: TemplateView; readonly notes: TemplateNotes | undefined }[]> {
  const users = await countUsers(context);
  const folders = await templateFolders(context);
  const machine = folders.length > 0 ? await describeMachine(context) : '';
  const templates = await Promise.all(
    folders.map(async (folder) => {
      const notes = await readTemplateNotes(folder);
      const id = basename(folder);
      const view: TemplateView = {
        id,
        base: notes === undefined ? '' : describeBases(notes),
        memory: notes?.memory ?? 0,
        processors: notes?.processors ?? 0,
        size: await sizeOf(folder),
        createdAt: (await stat(folder)).birthtimeMs,
        usedAt: await templateUsedAt(folder),
        users: users.get(id) ?? 0,
        stale: notes?.machine !== machine || !hasItsBases(context, notes),
      };
      return { view, notes };
    }),
  );
  return templates.sort((a, b) => b.view.usedAt - a.view.usedAt);
}

/** Bytes on the disk of all files in a folder. */
export async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = names.map(async (name) => stat(join(folder, name)).catch(() => ({ blocks: 0 })));
  return (await Promise.all(sizes)).reduce((sum, { blocks }) => sum + blocks * 512, 0);
}

/** The base as a user knows it, out of the name of its folder. */
export function describeBases({ bases }: Pick<TemplateNotes, 'bases'>): string {
  const [top = ''] = bases;
  const [, product, version] = /^base-([a-z]+)-([\d.]+)-[0-9a-f]+$/u.exec(top) ?? [];
  return product === undefined || version === undefined ? top : `${product} ${version}`;
}

function hasItsBases(context: Context, { bases }: TemplateNotes): boolean {
  const runtime = dirname(context.options.parts.root);
  return bases.every((name) => existsSync(join(runtime, name)));
}

async function countUsers(context: Context): Promise<ReadonlyMap<string, number>> {
  const folders = await readdir(context.machines).catch(() => []);
  const counts = new Map<string, number>();
  for (const name of folders) {
    const template = (await readVmRecord(join(context.machines, name)))?.template;
    if (template !== undefined) counts.set(template, (counts.get(template) ?? 0) + 1);
  }
  return counts;
}
