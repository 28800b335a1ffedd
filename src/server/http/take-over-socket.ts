import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Takes a connection away from Node's HTTP server after a request without `Upgrade`, whose body has been read to its end: the
 * old way in which Docker's clients attach, still used by curl and by scripts.
 *
 * Node has no call for this. Its server reads a socket natively until someone adds a 'data' listener, which it lets happen; from
 * then on its own 'data' and 'end' listeners feed the parser, and without them the bytes are ours. The other listeners stay: they
 * free the parser and count the connection when the socket closes.
 */
export function takeOverSocket(request: IncomingMessage): Socket {
  const { socket } = request;
  socket.setTimeout(0);
  const ignore = (): void => {
    // Only there to make Node give the native reads back.
  };
  socket.on('data', ignore);
  socket.pause();
  socket.removeAllListeners('data').removeAllListeners('end');
  return socket;
}
