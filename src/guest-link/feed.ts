import { WindowboxError } from '../errors/index.js';
import { breach } from './frame.js';
import { protocol } from './protocol.js';

/** Standard input of one program: data leaves as fast as the guest grants room. */
export interface Feed {
  write(data: Uint8Array): Promise<void>;
  close(): void;
  grant(bytes: number): void;
  /** The program, or the connection, has gone: what waits is rejected. */
  end(): void;
}

export function makeFeed(room: number, send: (data: Uint8Array | 'close') => void): Feed {
  const queue: { data: Uint8Array; resolve: () => void; reject: (error: Error) => void }[] = [];
  let state: 'open' | 'closing' | 'closed' | 'ended' = 'open';

  const pump = (): void => {
    for (let first = queue[0]; first && (room > 0 || first.data.length === 0); first = queue[0]) {
      const piece = first.data.subarray(0, Math.min(room, protocol.PAYLOAD_MAX));
      room -= piece.length;
      if (piece.length > 0) send(piece);
      first.data = first.data.subarray(piece.length);
      if (first.data.length > 0) continue;
      queue.shift();
      first.resolve();
    }
    if (state !== 'closing' || queue.length > 0) return;
    state = 'closed';
    send('close');
  };

  return {
    async write(data) {
      if (state === 'ended') throw gone();
      if (state !== 'open') throw new WindowboxError('conflict', 'Cannot write to standard input: it is closed');
      return new Promise((resolve, reject) => {
        queue.push({ data, resolve, reject });
        pump();
      });
    },
    close() {
      if (state === 'open') state = 'closing';
      pump();
    },
    grant(bytes) {
      room += bytes;
      if (room > protocol.WINDOW) throw breach('more room for standard input than the window');
      pump();
    },
    end() {
      state = 'ended';
      for (const { reject } of queue.splice(0)) reject(gone());
    },
  };
}

function gone(): WindowboxError {
  return new WindowboxError('unavailable', 'Cannot write to standard input: the program has ended');
}
