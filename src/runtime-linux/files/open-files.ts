import { join } from 'node:path';
import type { Layer, SandboxFiles } from '../../runtime/index.js';
import { listChanges } from './list-changes.js';
import { measureFolder } from './measure-folder.js';
import { readTar } from './read-tar.js';
import { statFile } from './stat-file.js';
import { walk, type Place, type WalkOptions, type WalkRoot } from './walk.js';
import { parseWindowsPath } from './windows-path.js';
import { writeTar } from './write-tar.js';

/** Where a container's files are, as folders of the host. */
export interface OpenPrefix {
  /** The Wine prefix, all layers in one. */
  readonly path: string;
  /** The folder of a drive letter (lower case). @throws WindowboxError `not-found`. */
  rootOf(drive: string, path: string): WalkRoot;
  close(): Promise<void>;
}

/** The contract's file operations on a container whose prefix is a folder of the host. */
export function openFilesOn(prefix: OpenPrefix, layer: Layer): SandboxFiles {
  const find: Find = async (path, options) => {
    const { drive, names } = parseWindowsPath(path);
    return walk(prefix.rootOf(drive, path), names, options);
  };
  return {
    stat: async (path) => statFile(find, path),
    read: async (path) => readTar(find, path),
    write: async (path, tar, options) => writeTar(find, path, { tar, ...options }),
    changes: async () => listChanges(layer, join(prefix.path, 'drive_c')),
    size: async () => measureFolder(join(layer.folder, 'upper')),
    close: async () => prefix.close(),
  };
}

/** Finds a Windows path. The caller closes the place's folder. */
export type Find = (path: string, options?: WalkOptions) => Promise<Place>;
