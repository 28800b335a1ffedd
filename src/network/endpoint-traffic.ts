import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../errors/index.js';
import { hostInterface } from './links.js';
import type { EndpointRecord } from './types.js';

/** What a container's interface has received and sent since it was attached, as the container sees it. */
export interface EndpointTraffic {
  readonly received: Direction;
  readonly sent: Direction;
}

interface Direction {
  readonly bytes: number;
  readonly packets: number;
  readonly dropped: number;
}

/** Read at the host's end of the pair: what is sent there is what the container receives. Undefined when the interface has gone. */
export async function endpointTraffic(endpoint: EndpointRecord): Promise<EndpointTraffic | undefined> {
  const folder = `/sys/class/net/${hostInterface(endpoint)}/statistics`;
  try {
    const [received, sent] = await Promise.all([direction(folder, 'tx'), direction(folder, 'rx')]);
    return { received, sent };
  } catch (error) {
    // The kernel answers ENODEV or EINVAL for one that goes while it is read.
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENODEV') || isErrno(error, 'EINVAL')) return undefined;
    throw error;
  }
}

async function direction(folder: string, side: 'rx' | 'tx'): Promise<Direction> {
  const count = async (what: string): Promise<number> =>
    Number(await readFile(join(folder, `${side}_${what}`), 'utf8'));
  const [bytes, packets, dropped] = await Promise.all([count('bytes'), count('packets'), count('dropped')]);
  return { bytes, packets, dropped };
}
