import type { Duplex } from 'node:stream';
import { lingerMs } from './read-on.js';

/**
 * Ends a conversation from our side when all of it is sent, and reads on until the client has ended its own. A socket that is closed with bytes
 * unread resets the connection: the client, in the middle of sending what the program never asked for, would see an error for the end of the output.
 */
export function endConversation(socket: Duplex): void {
  socket.end(() => {
    // Whoever still had the input waits for a program that has ended.
    socket.removeAllListeners('readable');
    socket.resume();
    const close = (): void => {
      socket.destroy();
    };
    if (socket.readableEnded) {
      close();
      return;
    }
    const timer = setTimeout(close, lingerMs).unref();
    socket.once('end', close);
    socket.once('close', () => {
      clearTimeout(timer);
    });
  });
}
