import { connect, type Socket } from 'node:net';
import { createFrameDecoder } from '../../docker-api/index.js';

/** A client that sends bytes and looks at bytes, so that a test sees what is on the wire. */
export interface RawClient {
  send(text: string | Uint8Array): void;
  /** Half-close. */
  end(): void;
  destroy(): void;
  pause(): void;
  resume(): void;
  /** Resolves with all that came so far, when it holds `text`. */
  until(text: string): Promise<string>;
  /** Resolves with all that came, when the server has closed; closes then too. */
  closed(): Promise<string>;
  readonly bytes: () => Buffer;
  /** How the connection broke; undefined when it ended. */
  readonly failure: () => Error | undefined;
}

const patienceMs = 5000;

export function rawClient(path: string): RawClient {
  const socket: Socket = connect({ path, allowHalfOpen: true });
  let received = Buffer.alloc(0);
  let over = false;
  let changed = (): void => undefined;
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    changed();
  });
  let failure: Error | undefined;
  socket.on('error', (error) => (failure = error));
  for (const event of ['end', 'close', 'error'])
    socket.on(event, () => {
      over = true;
      changed();
    });
  const when = async (done: () => boolean, what: string): Promise<string> => {
    const deadline = Date.now() + patienceMs;
    while (!done()) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no ${what} within ${String(patienceMs)} ms, but: ${received.toString('latin1')}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return received.toString('latin1');
  };
  return {
    send: (text) => socket.write(text),
    end: () => socket.end(),
    destroy: () => socket.destroy(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    until: (text) => when(() => received.includes(text), JSON.stringify(text)),
    closed: async () => {
      const all = await when(() => over, 'close');
      // As real clients do; the server waits for it.
      socket.end();
      return all;
    },
    bytes: () => received,
    failure: () => failure,
  };
}

/** What stands after the head of an answer, taken out of its frames. */
export function framesOf(bytes: Buffer): { readonly stdout: string; readonly stderr: string } {
  const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
  const text = { stdout: '', stderr: '' };
  for (const { stream, data } of createFrameDecoder().push(body))
    if (stream === 'stdout' || stream === 'stderr') text[stream] += Buffer.from(data).toString();
  return text;
}
