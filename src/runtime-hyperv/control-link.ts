import type { Duplex } from 'node:stream';
import { WindowboxError } from '../errors/index.js';
import { createMutex } from '../platform/index.js';

/** The guest's vm-init, which does what is Linux's in the VM. Wire format: guest/vm/control.h. */
export interface ControlLink {
  /**
   * One act with its arguments; resolves with the answer's text.
   *
   * @throws WindowboxError `internal` with the guest's reason, `timeout`, `unavailable` when the connection has ended.
   */
  ask(act: readonly string[], timeoutMs: number): Promise<string>;
  close(): void;
}

const longestAnswer = 8192;

export function openControlLink(transport: Duplex): ControlLink {
  const mutex = createMutex();
  let received: Buffer = Buffer.alloc(0);
  let waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  let ended: WindowboxError | undefined;
  const fail = (error: WindowboxError): void => {
    ended ??= error;
    transport.destroy();
    waiting?.reject(ended);
    waiting = undefined;
  };
  transport.on('data', (chunk: Buffer) => {
    // Nobody asked: what a guest says then is the rest of an answer to a daemon that died.
    if (waiting === undefined) return;
    received = Buffer.concat([received, chunk]);
    if (received.length < 5) return;
    const length = received.readUInt32LE(0);
    if (length < 1 || length > longestAnswer) fail(unavailable('the guest broke the protocol'));
    else if (received.length >= 4 + length) {
      const text = received.toString('utf8', 5, 4 + length);
      waiting.resolve({ ok: received[4] === 0, text });
      waiting = undefined;
    }
  });
  transport.on('error', (error: Error) => {
    fail(unavailable(error.message));
  });
  transport.on('close', () => {
    fail(unavailable('it has ended'));
  });
  const exchange = async (act: readonly string[], timeoutMs: number): Promise<string> => {
    if (ended) throw ended;
    received = Buffer.alloc(0);
    const { ok, text } = await new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => {
        fail(new WindowboxError('timeout', `Cannot reach the VM: no answer in ${String(timeoutMs / 1000)} s`));
      }, timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
      };
      waiting = {
        resolve: (answer) => (settle(), resolve(answer)),
        reject: (error) => (settle(), reject(error)),
      };
      transport.write(encodeRequest(act));
    });
    if (ok) return text;
    throw new WindowboxError('internal', `Cannot set up the VM: ${printable(text)}`);
  };
  return {
    ask: async (act, timeoutMs) => mutex.run(async () => exchange(act, timeoutMs)),
    close: () => {
      fail(unavailable('the connection was closed'));
    },
  };
}

interface Answer {
  readonly ok: boolean;
  readonly text: string;
}

export function encodeRequest(strings: readonly string[]): Buffer {
  const payload = Buffer.from(strings.map((text) => `${text}\0`).join(''));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(payload.length);
  return Buffer.concat([head, payload]);
}

/** Guests write our log and our error messages with this: no control characters, no flood. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.slice(0, 500).replaceAll(/[\u0000-\u001f\u007f-\u009f]/gu, ' ');
}

function unavailable(reason: string): WindowboxError {
  return new WindowboxError('unavailable', `Cannot reach the VM: ${reason}`);
}
