import type { AttachSession } from '../../engine/index.js';

/** An attach session whose program the test plays. */
export interface FakeSession extends AttachSession {
  /** The program writes. Resolves when the client took it. */
  say(stream: 'stdout' | 'stderr', text: string | Uint8Array): Promise<void>;
  /** The program ends. */
  finish(): void;
  readonly received: () => string;
  readonly state: () => { readonly inputEnded: boolean; readonly detached: boolean };
}

type Piece = { readonly stream: 'stdout' | 'stderr'; readonly data: Uint8Array };

export function fakeSession(terminal = false): FakeSession {
  const waiting: { readonly piece: Piece; readonly taken: () => void }[] = [];
  let wake = (): void => undefined;
  let over = false;
  let inputEnded = false;
  let detached = false;
  let received = '';
  async function* output(): AsyncGenerator<Piece> {
    for (;;) {
      const next = waiting.shift();
      if (next) {
        yield next.piece;
        next.taken();
      } else if (over) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const end = (): void => {
    over = true;
    wake();
  };
  return {
    terminal,
    output: output(),
    write: async (data) => {
      received += Buffer.from(data).toString();
    },
    end: () => {
      inputEnded = true;
    },
    detach: () => {
      detached = true;
      end();
    },
    say: (stream, text) =>
      new Promise((taken) => {
        waiting.push({ piece: { stream, data: typeof text === 'string' ? Buffer.from(text) : text }, taken });
        wake();
      }),
    finish: end,
    received: () => received,
    state: () => ({ inputEnded, detached }),
  };
}
