import { packingOf, readTar, unpackAny } from '../../platform/index.js';
import { type SpooledTree, spoolTar } from '../files/spool-tar.js';
import type { SelectedFile } from './select-files.js';

/** Whether ADD unpacks a file: a tar archive, plain or packed, by its content and not by its name. */
export async function isArchive(file: SelectedFile): Promise<boolean> {
  const head = await headOf(file);
  if (head.toString('latin1', 257, 262) !== 'ustar' && packingOf(head) === undefined) return false;
  try {
    for await (const _ of readTar(unpackAny(file.tree.read(file.path)))) return true;
  } catch {
    // A packed file that is no archive is copied as it is.
    return false;
  }
  return false;
}

/** The files of an archive; whoever opens it closes it. @throws WindowboxError `invalid-argument`. */
export async function openArchive(file: SelectedFile, scratch: string): Promise<SpooledTree> {
  return spoolTar(unpackAny(file.tree.read(file.path)), scratch);
}

async function headOf({ tree, path }: SelectedFile): Promise<Buffer> {
  const head = Buffer.alloc(512);
  let length = 0;
  for await (const chunk of tree.read(path)) {
    head.set(chunk.subarray(0, head.length - length), length);
    length += chunk.length;
    if (length >= head.length) break;
  }
  return head;
}
