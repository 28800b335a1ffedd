import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WindowboxError } from '../../errors/index.js';
import { describeFetch } from '../files/describe-fetch.js';
import { folderTree } from '../files/folder-tree.js';
import { type Selection, selectFiles } from './select-files.js';

export interface FetchOptions {
  readonly folder: string;
  /** `sha256:…`: what comes must be it. */
  readonly checksum: string | undefined;
  readonly signal: AbortSignal;
}

/** `ADD https://…`: the file under the last part of its address. @throws WindowboxError `unavailable`, `data-loss`. */
export async function downloadFile(address: string, options: FetchOptions): Promise<Selection> {
  const url = new URL(address);
  const name = decodeURIComponent(url.pathname.replace(/^.*\//u, ''));
  if (name === '' || /[\\/]/u.test(name))
    throw new WindowboxError('invalid-argument', `ADD failed: cannot determine filename for source ${address}`);
  await mkdir(options.folder, { recursive: true });
  const path = join(options.folder, 'file');
  const hash = createHash('sha256');
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([options.signal, AbortSignal.timeout(600_000)]) });
    if (!answer.ok || !answer.body) throw new Error(`status ${String(answer.status)}`);
    const body = Readable.fromWeb(answer.body).on('data', (chunk: Buffer) => hash.update(chunk));
    await pipeline(body, createWriteStream(path));
  } catch (error) {
    throw new WindowboxError('unavailable', `ADD failed: Cannot get "${address}": ${describeFetch(error)}`, {
      cause: error,
    });
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (options.checksum !== undefined && options.checksum !== '' && options.checksum !== found)
    throw new WindowboxError('data-loss', `ADD failed: digest mismatch ${found}: ${options.checksum}`);
  const [selection] = selectFiles({
    tree: folderTree(options.folder),
    source: 'file',
    ignoreCase: false,
    excluded: () => false,
  });
  if (!selection) throw new WindowboxError('internal', `Cannot find what was downloaded from "${address}"`);
  return { ...selection, name };
}
