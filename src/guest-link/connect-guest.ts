import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { WindowboxError } from '../errors/index.js';
import { encodeFrame } from './frame.js';
import { protocol, toGuest, toHost } from './protocol.js';
import { makeSession } from './session.js';
import type { GuestSession } from './types.js';

const HELLO_AGAIN_MS = 1000;

export interface ConnectOptions {
  /** Sequence of the last output that was stored, 0 for a new sandbox: the guest sends what came after it. */
  readonly last: number;
  /** Milliseconds until the guest must be ready for START. Default 60 000. */
  readonly timeoutMs?: number;
  /** What the guest has to say for the daemon's log. */
  readonly onDiagnostic?: (text: string) => void;
}

/**
 * Begins a session with a sandbox over a connected stream, and resolves when programs can be started in it. The stream belongs to the
 * session from then on, also after an error.
 *
 * @throws WindowboxError `timeout` when the guest is not ready in time, `unavailable` when it hangs up.
 */
export async function connectGuest(transport: Duplex, options: ConnectOptions): Promise<GuestSession> {
  const { last, timeoutMs = 60_000, onDiagnostic = () => undefined } = options;
  return new Promise((resolve, reject) => {
    let session: GuestSession | undefined;
    const fail = (error: WindowboxError): void => {
      clearTimeout(limit);
      stopGreeting();
      transport.destroy();
      reject(error);
    };
    const limit = setTimeout(() => {
      fail(new WindowboxError('timeout', `Cannot reach the sandbox: not ready after ${String(timeoutMs / 1000)} s`));
    }, timeoutMs);
    const onEnd = (error?: Error): void => {
      fail(new WindowboxError('unavailable', `Cannot reach the sandbox: ${error?.message ?? 'it hung up'}`));
    };
    transport.once('error', onEnd).once('close', onEnd);
    const stopGreeting = greet(transport, last, (rest) => {
      session = makeSession(transport, {
        rest,
        onDiagnostic,
        onReady: () => {
          clearTimeout(limit);
          transport.off('error', onEnd).off('close', onEnd);
          // READY may be among the bytes that the session is made from.
          setImmediate(() => {
            if (session) resolve(session);
          });
        },
      });
    });
  });
}

/**
 * Says HELLO until WELCOME answers the newest. A virtio-serial port may still hold bytes of an earlier session; the nonce tells
 * where they end. Returns what stops it.
 */
function greet(transport: Duplex, last: number, onWelcome: (rest: Buffer) => void): () => void {
  let expected = sayHello(transport, last);
  let seen: Buffer = Buffer.alloc(0);
  const again = setInterval(() => (expected = sayHello(transport, last)), HELLO_AGAIN_MS);
  const onData = (chunk: Buffer): void => {
    seen = Buffer.concat([seen, chunk]);
    const at = seen.indexOf(expected);
    if (at < 0) {
      seen = seen.subarray(-expected.length);
      return;
    }
    stop();
    onWelcome(seen.subarray(at + expected.length));
  };
  const stop = (): void => {
    clearInterval(again);
    transport.off('data', onData);
  };
  transport.on('data', onData);
  return stop;
}

/** Sends a HELLO and returns the WELCOME that answers it. */
function sayHello(transport: Duplex, last: number): Buffer {
  const nonce = randomBytes(8);
  const hello = Buffer.alloc(24);
  hello.write(protocol.MAGIC, 'latin1');
  hello.writeUInt32LE(protocol.VERSION, 4);
  hello.writeBigUInt64LE(BigInt(last), 8);
  nonce.copy(hello, 16);
  transport.write(encodeFrame(toGuest.HELLO, { payload: hello }));
  return encodeFrame(toHost.WELCOME, { payload: Buffer.concat([hello.subarray(0, 8), nonce]) });
}
