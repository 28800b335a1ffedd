import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, WindowboxError } from '../errors/index.js';
import { withShortName } from '../runtime-linux/index.js';

/**
 * Connects to a socket in a VM's folder. With `waitMs` it may not be there yet: QEMU makes it when it starts; `hasEnded` cuts the
 * wait short.
 *
 * @throws WindowboxError `unavailable`.
 */
export async function connectSocket(
  folder: string,
  name: string,
  wait: { readonly waitMs: number; readonly hasEnded?: () => boolean } = { waitMs: 0 },
): Promise<Socket> {
  const limit = Date.now() + wait.waitMs;
  for (;;) {
    try {
      return await withShortName(folder, name, connectOnce);
    } catch (cause) {
      if (Date.now() < limit && wait.hasEnded?.() !== true) await sleep(2);
      else throw new WindowboxError('unavailable', `Cannot connect to the VM: ${describeError(cause)}`, { cause });
    }
  }
}

async function connectOnce(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
