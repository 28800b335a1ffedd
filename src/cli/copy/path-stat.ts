import type { IncomingMessage } from 'node:http';
import { isErrorCode, WindowboxError } from '../../errors/index.js';
import type { Client } from '../connection/client.js';

/** What the daemon says of a path in a container. */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** Go's os.FileMode. */
  readonly mode: number;
}

const goModeFolder = 2 ** 31;

export function isFolder({ mode }: PathStat): boolean {
  return mode >= goModeFolder;
}

/** Of an answer of the archive endpoint. */
export function statOf(response: IncomingMessage): PathStat {
  const header = response.headers['x-docker-container-path-stat'];
  if (typeof header !== 'string')
    throw new WindowboxError('internal', 'Cannot copy: the daemon did not say what the path is');
  const stat: PathStat = JSON.parse(Buffer.from(header, 'base64').toString('utf8'));
  return stat;
}

/** Undefined when nothing is there. @throws WindowboxError for a container that does not exist. */
export async function statPath(client: Client, container: string, path: string): Promise<PathStat | undefined> {
  try {
    const response = await client.send({ method: 'HEAD', path: archivePath(container), query: { path } });
    response.resume();
    return statOf(response);
  } catch (error) {
    // A HEAD's answer has no text: whether it is the path or the container that is missing shows when we go on.
    if (isErrorCode(error, 'not-found')) return undefined;
    throw error;
  }
}

export function archivePath(container: string): string {
  return `/containers/${encodeURIComponent(container)}/archive`;
}
