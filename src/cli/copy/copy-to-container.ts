import { lstat, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { describeError, isErrno, WindowboxError } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import { splitWindowsPath } from '../parse/copy-argument.js';
import { packTar } from '../tar/pack.js';
import { archivePath, isFolder, statPath } from './path-stat.js';

export type LocalSource = { readonly kind: 'local'; readonly path: string } | { readonly kind: 'stream' };

export interface ContainerTarget {
  readonly container: string;
  readonly path: string;
  readonly followLink: boolean;
}

/** Copies a file or folder into a container by the rules of `docker cp`, or unpacks a tar stream of standard input there. */
export async function copyToContainer(client: Client, source: LocalSource, target: ContainerTarget): Promise<void> {
  const put = async (path: string, upload: NodeJS.ReadableStream): Promise<void> => {
    await client.json({
      method: 'PUT',
      path: archivePath(target.container),
      query: { path, noOverwriteDirNonDir: 'true' },
      upload,
    });
  };
  if (source.kind === 'stream') return put(target.path, process.stdin);
  const path = resolve(source.path);
  const contentsOnly = source.path.endsWith('/.') || source.path === '.';
  const sourceIsFolder = await checkSource(path, source.path, target.followLink);
  const there = await statPath(client, target.container, target.path);
  const { folder, as } = planTarget(target.path, {
    there: there === undefined ? 'nothing' : isFolder(there) ? 'folder' : 'file',
    sourceIsFolder,
    top: contentsOnly ? '' : basename(path),
  });
  return put(folder, packTar(path, { as, followTop: target.followLink }));
}

interface Situation {
  readonly there: 'nothing' | 'folder' | 'file';
  readonly sourceIsFolder: boolean;
  /** The source's name; empty when only its content is wanted. */
  readonly top: string;
}

/** In which folder of the container the archive is unpacked, and under which name the source stands in it. */
export function planTarget(target: string, { there, sourceIsFolder, top }: Situation): { folder: string; as: string } {
  if (there === 'folder') return { folder: target, as: top };
  const { folder, name } = splitWindowsPath(target);
  if (there === 'file' && sourceIsFolder) throw new WindowboxError('conflict', 'cannot copy directory');
  if (there === 'nothing' && !sourceIsFolder && /[\\/]$/u.test(target))
    throw new WindowboxError('not-found', `no such directory: "${target}"`);
  return { folder, as: name };
}

async function checkSource(path: string, given: string, followLink: boolean): Promise<boolean> {
  try {
    const info = await (followLink ? stat(path) : lstat(path));
    return info.isDirectory();
  } catch (cause) {
    const reason = isErrno(cause, 'ENOENT') ? 'no such file or directory' : describeError(cause);
    throw new WindowboxError('not-found', `lstat ${given}: ${reason}`, { cause });
  }
}
