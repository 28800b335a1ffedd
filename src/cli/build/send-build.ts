import { incrementalHeader } from '../../docker-api/index.js';
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
    if (await canAsk(client)) return await sendIncrementally(client, files, about);
  } catch (error) {
    // A daemon of the release before, that still runs.
    if (!isErrorCode(error, 'not-found')) throw error;
  }
  return silent(await client.send({ ...classic, upload: packFolder(files.folder) }));
}

/**
 * Whether the engine can ask for files. Of this machine's own daemon, which is of one release with us, that is known; of others it is asked before,
 * since an engine that does not know the path may wait for the end of a body that never comes.
 */
async function canAsk(client: Client): Promise<boolean> {
  const { endpoint } = client;
  if (endpoint.kind === 'unix' && endpoint.own) return true;
  const { headers } = await client.send({ method: 'HEAD', path: '/_ping' });
  return headers[incrementalHeader.toLowerCase()] !== undefined;
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
