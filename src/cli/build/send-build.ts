import { isErrorCode } from '../../errors/index.js';
import type { ApiRequest, Client } from '../connection/client.js';
import { type ContextFiles, packFolder } from './build-context.js';
import { contextKey } from './context-key.js';
import { type ContextFolder, listFolder } from './listed-folder.js';

/** A build that has begun. */
export interface SentBuild {
  /** Its lines. */
  readonly answer: AsyncIterable<Uint8Array>;
  /** Sends files that the daemon asks for, by their numbers; none: it will ask for no more. */
  readonly want: (numbers: readonly number[]) => void;
}

type BuildAbout = Required<Pick<ApiRequest, 'query' | 'headers'>>;

/** Begins a build. Of a folder the daemon gets what it asks for; an engine that cannot ask gets all of it. */
export async function sendBuild(client: Client, files: ContextFiles, about: BuildAbout): Promise<SentBuild> {
  const classic = { ...about, method: 'POST', path: '/build' } as const;
  if (files.type === 'remote')
    return silent(await client.send({ ...classic, query: { ...about.query, remote: files.address } }));
  if (files.type === 'stream') return silent(await client.send({ ...classic, upload: files.upload }));
  try {
    return await sendIncrementally(client, files, about);
  } catch (error) {
    // Also for another thing that was not found: then the classic way says the same again.
    if (!isErrorCode(error, 'not-found')) throw error;
  }
  return silent(await client.send({ ...classic, upload: packFolder(files.folder) }));
}

async function sendIncrementally(
  client: Client,
  { folder, key }: { readonly folder: ContextFolder; readonly key: readonly string[] },
  about: BuildAbout,
): Promise<SentBuild> {
  const { upload, want } = listFolder(folder);
  const answer = await client.send({
    method: 'POST',
    path: '/build/incremental',
    query: { ...about.query, key: contextKey(key) },
    headers: { ...about.headers, 'content-type': 'application/x-windowbox-listing' },
    conversation: upload,
  });
  return { answer, want };
}

function silent(answer: SentBuild['answer']): SentBuild {
  return { answer, want: () => {} };
}
