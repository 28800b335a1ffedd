import { WindowboxError } from '../../errors/index.js';
import { partsOnDrive } from '../parse/windows-path.js';
import type { Build } from '../evaluate/build-state.js';
import type { FileTree } from '../files/file-tree.js';
import { openSource } from '../evaluate/open-source.js';
import { hashSelections, selectFiles } from '../evaluate/select-files.js';
import { placeInTree } from './place-in-tree.js';

/** What a mount takes its files from: a file or folder, with no link on the way. */
export interface BindSource {
  /** On this machine. */
  path(): Promise<string>;
  readonly kind: 'file' | 'folder';
  /** Names the content: equal ones hold the same. */
  readonly digest: () => Promise<string>;
  release(): Promise<void>;
}

export interface BindRequest {
  /** Stage or image; undefined: the context. */
  readonly from: string | undefined;
  readonly source: string;
  readonly line: number;
}

/** @throws WindowboxError `invalid-argument` with the line for a source that is not there, or that is a link. */
export async function openBindSource(build: Build, { from, source, line }: BindRequest): Promise<BindSource> {
  const opened = await openSource(build, from);
  try {
    const names = opened.isImage ? partsOnDrive(source === '' ? '\\' : source) : namesInContext(source);
    const place = placeInTree(opened.tree, names, opened.isImage);
    if (!place.whole || place.kind === 'symlink') throw missing({ from, source, line }, place.whole);
    const { kind } = place;
    const digest = async (): Promise<string> =>
      // A whole image is named by itself: its files are many.
      names.length === 0 && opened.isImage ? opened.imageId : hashTree(opened.tree, place.found);
    return {
      path: async () => opened.path(place.found),
      kind,
      digest,
      release: async () => opened.release(),
    };
  } catch (error) {
    await opened.release();
    throw error;
  }
}

/** `..` stops at the context's root. */
function namesInContext(source: string): string[] {
  return source
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .reduce<string[]>((kept, part) => (part === '..' ? kept.slice(0, -1) : [...kept, part]), []);
}

async function hashTree(tree: FileTree, names: readonly string[]): Promise<string> {
  const source = names.map((name) => name.replaceAll(/[[\]*?]/gu, '?')).join('/');
  return hashSelections(selectFiles({ tree, source, ignoreCase: false, excluded: () => false }));
}

function missing({ from, source, line }: BindRequest, found: boolean): WindowboxError {
  const where = from === undefined ? 'in build context or excluded by .dockerignore' : `in "${from}"`;
  const reason = found ? 'it is a link' : `file not found ${where}`;
  return new WindowboxError('invalid-argument', `RUN --mount failed on line ${String(line)}: ${source}: ${reason}`);
}
