import { chmod, chown, lstat, readFile, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { isErrno, WindowboxError } from '../../errors/index.js';

/** Only members of this group, and root, reach the unix socket unless told otherwise: whoever does owns the machine, as with Docker. */
const socketGroup = 'windowbox';

/**
 * Listens on a unix socket with mode 0660, root and the group, where it exists. A socket file that nobody listens on any more is
 * replaced.
 *
 * @throws WindowboxError `already-exists` when another daemon listens there, `unavailable`.
 */
export async function listenOnSocket(server: Server, path: string, groupName: string = socketGroup): Promise<void> {
  await removeStale(path);
  // The file must not be open to others for the moment between its making and its chmod.
  const before = process.umask(0o177);
  try {
    await listening(server, () => server.listen(path));
  } finally {
    process.umask(before);
  }
  const group = await groupId(groupName);
  if (process.getuid?.() === 0) await chown(path, 0, group ?? 0);
  await chmod(path, 0o660);
}

/** @throws WindowboxError `unavailable` with the reason. */
export async function listenOnPort(
  server: Server,
  address: { readonly host: string; readonly port: number },
): Promise<void> {
  await listening(server, () => server.listen(address.port, address.host));
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => {
      reject(new WindowboxError('unavailable', `Cannot listen: ${cause.message}`, { cause }));
    };
    server.once('error', onError);
    server.once('listening', () => {
      server.off('error', onError);
      resolve();
    });
    listen();
  });
}

async function removeStale(path: string): Promise<void> {
  try {
    const { isSocket } = await lstat(path).then((stat) => ({ isSocket: stat.isSocket() }));
    if (!isSocket)
      throw new WindowboxError('already-exists', `Cannot listen on "${path}": there is a file that is no socket`);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  if (await answers(path))
    throw new WindowboxError('already-exists', `Cannot listen on "${path}": another daemon listens there`);
  await rm(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    const settle = (result: boolean): void => {
      probe.destroy();
      resolve(result);
    };
    probe.setTimeout(2000, () => {
      settle(true);
    });
    probe.once('connect', () => {
      settle(true);
    });
    probe.once('error', () => {
      settle(false);
    });
  });
}

async function groupId(name: string): Promise<number | undefined> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  const line = groups.split('\n').find((candidate) => candidate.startsWith(`${name}:`));
  const id = Number(line?.split(':')[2] ?? Number.NaN);
  return Number.isInteger(id) ? id : undefined;
}
