import type { Duplex } from 'node:stream';
import type { HijackedConnection } from './reply.js';

/**
 * A socket as both directions of a conversation. `first` are bytes that arrived together with the request's head.
 *
 * Half-close: the client's end ends `input` and leaves `write` working. Back-pressure: `write` waits for the socket's buffer, and
 * bytes of the client stay in the socket until `input` is asked for more.
 */
export function socketConnection(socket: Duplex, first: Uint8Array): HijackedConnection {
  const gone = new AbortController();
  socket.on('error', () => {
    // A reset is how clients leave; 'close' follows.
  });
  socket.once('close', () => {
    gone.abort();
  });
  watchForHangUp(socket);
  if (socket.destroyed) gone.abort();
  return {
    gone: gone.signal,
    input: readSocket(socket, first),
    write: (data) => writeSocket(socket, data),
  };
}

/**
 * A client that has gone looks like one that half-closed: both end the input. Only a write tells, and a program that says nothing
 * writes nothing. An empty write sends nothing, and fails where the other side has closed its socket for good; over TCP, Node's
 * keep-alive does the same by and by.
 */
function watchForHangUp(socket: Duplex): void {
  const probe = (): void => {
    // With bytes under way the write of those will tell.
    if (!socket.destroyed && !socket.writableEnded && socket.writableLength === 0) socket.write(nothing);
  };
  const timer = setInterval(probe, hangUpMs).unref();
  socket.once('end', probe);
  socket.once('close', () => {
    clearInterval(timer);
  });
}

const nothing = new Uint8Array();
const hangUpMs = 2000;

async function* readSocket(socket: Duplex, first: Uint8Array): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) if (chunk instanceof Uint8Array) yield chunk;
  } catch {
    // The client broke off: for the program that is the end of its input.
  }
}

function writeSocket(socket: Duplex, data: Uint8Array): Promise<void> {
  if (socket.destroyed || socket.writableEnded || socket.write(data)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}
