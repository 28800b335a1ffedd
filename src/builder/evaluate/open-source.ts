import { join } from 'node:path';
import type { FileTree } from '../files/file-tree.js';
import { folderTree } from '../files/folder-tree.js';
import type { Build, Stage } from './build-state.js';
import { selectFiles } from './select-files.js';
import { findStage } from './stages.js';

/** Files to take from. Whoever opens it releases it. */
export interface OpenSource {
  readonly tree: FileTree;
  /** The file or folder at a place, on this machine. */
  path(place: readonly string[]): Promise<string>;
  /** C: of a stage or image; else the context. */
  readonly isImage: boolean;
  /** Of the image; empty for the context. */
  readonly imageId: string;
  release(): Promise<void>;
}

/** The context, or the file system of a stage or image. */
export async function openSource(build: Build, from: string | undefined): Promise<OpenSource> {
  const { context } = build;
  if (from === undefined)
    return {
      tree: context.files,
      path: async (place) => context.path(place),
      isImage: false,
      imageId: '',
      release: async () => {},
    };
  const id = (await findStage(build, from)) ?? (await imageOf(build, from));
  const mounted = await build.host.mount(id);
  const root = join(mounted.path, 'drive_c');
  return {
    tree: folderTree(root),
    path: async (place) => join(root, ...place),
    isImage: true,
    imageId: id,
    release: async () => mounted.release(),
  };
}

async function imageOf(build: Build, name: string): Promise<string> {
  const { platform, request } = build;
  const report = (line: string): void => {
    build.voice.log(`${line}\n`);
  };
  const { id } = await build.host.image(name, { platform, pull: false, signal: request.signal, report });
  build.host.keep(id, build.id);
  return id;
}

/** Whether a place on C: is a folder in the image so far. */
export async function isFolderInImage(build: Build, stage: Stage, parts: readonly string[]): Promise<boolean> {
  if (parts.length === 0) return true;
  const mounted = await build.host.mount(stage.imageId);
  try {
    const [found] = selectFiles({
      tree: folderTree(join(mounted.path, 'drive_c')),
      source: parts.join('/').replaceAll(/[[\]*?]/gu, '?'),
      ignoreCase: true,
      excluded: () => false,
    });
    return found?.kind === 'folder';
  } finally {
    await mounted.release();
  }
}
