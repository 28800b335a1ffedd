import { connect as connectSocket, isIP, type Socket } from 'node:net';
import { describeError, isErrno, WindowboxError } from '../../errors/index.js';
import { describeEndpoint, type Endpoint } from './endpoint.js';

/**
 * Opens a connection to the daemon. Where no daemon listens on this machine's own socket, starts it first.
 *
 * @throws WindowboxError `unavailable` in Docker's words.
 */
export async function connect(endpoint: Endpoint): Promise<Socket> {
  try {
    return await tryConnect(endpoint);
  } catch (error) {
    const nobodyListens = isErrno(error, 'ENOENT') || isErrno(error, 'ECONNREFUSED');
    if (!nobodyListens || endpoint.kind !== 'unix' || !endpoint.own) throw cannotConnect(endpoint, error);
  }
  const { startDaemon } = await import('./start-daemon.js');
  return startDaemon(async () => tryConnect(endpoint));
}

/** One try, errors as Node gives them. Half-open: the program's output goes on after its input has ended. */
async function tryConnect(endpoint: Endpoint): Promise<Socket> {
  const socket = await openSocket(endpoint);
  const ready = endpoint.kind === 'tcp' && endpoint.tls !== undefined ? 'secureConnect' : 'connect';
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.once(ready, () => {
      socket.off('error', reject);
      resolve();
    });
    socket.setTimeout(connectTimeoutMs, () => {
      socket.destroy(Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' }));
    });
  });
  socket.setTimeout(0);
  return socket;
}

async function openSocket(endpoint: Endpoint): Promise<Socket> {
  if (endpoint.kind === 'unix') return connectSocket({ path: endpoint.path, allowHalfOpen: true });
  const { host, port, tls } = endpoint;
  if (tls === undefined) return connectSocket({ host, port, allowHalfOpen: true });
  const { connect: connectTls } = await import('node:tls');
  return connectTls({
    socket: connectSocket({ host, port, allowHalfOpen: true }),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    rejectUnauthorized: tls.verify,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
}

function cannotConnect(endpoint: Endpoint, cause: unknown): WindowboxError {
  const where = describeEndpoint(endpoint);
  if (isErrno(cause, 'EACCES'))
    return new WindowboxError(
      'permission-denied',
      `permission denied while trying to connect to the Windowbox daemon socket at ${where}`,
      { hint: 'Run as root, or as a member of the group "windowbox".', cause },
    );
  return new WindowboxError(
    'unavailable',
    `Cannot connect to the Windowbox daemon at ${where}. Is the windowbox daemon running?`,
    { hint: `The connection failed with: ${describeError(cause)}`, cause },
  );
}

const connectTimeoutMs = 20_000;
