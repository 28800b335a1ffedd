import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { WindowboxError, describeError } from '../errors/index.js';
import { connectGuest, type GuestSession } from '../guest-link/index.js';
import type { Context } from './context.js';
import { sandboxFiles } from './sandbox-folder.js';
import { withShortName } from '../runtime-linux/index.js';

/** Connects to a sandbox's init and resolves when its agent takes programs. `last`: see the contract's `recover`. */
export async function connectSandbox(context: Context, name: string, last: number): Promise<GuestSession> {
  const folder = join(context.sandboxes, name);
  const socket = await withShortName(folder, sandboxFiles.socket, connectSocket);
  return connectGuest(socket, { last });
}

async function connectSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.once('error', (cause) => {
      reject(new WindowboxError('unavailable', `Cannot connect to the sandbox: ${describeError(cause)}`, { cause }));
    });
  });
}
