import type { Duplex } from 'node:stream';
import { WindowboxError } from '../errors/index.js';
import { breach, decodeFrames, encodeFrame, type Frame } from './frame.js';
import type { SendFrame } from './program.js';
import { makeProgramTable, type ProgramTable } from './program-table.js';
import { toGuest, toHost } from './protocol.js';
import { makeTop, type Top } from './top.js';
import type { GuestClosed, GuestSession } from './types.js';

export interface SessionOptions {
  /** What came after WELCOME. */
  readonly rest: Buffer;
  readonly onReady: () => void;
  readonly onDiagnostic: (text: string) => void;
}

/** A session on a transport that has just said WELCOME. */
export function makeSession(transport: Duplex, options: SessionOptions): GuestSession {
  let resolveClosed: (closed: GuestClosed) => void = () => undefined;
  const closed = new Promise<GuestClosed>((resolve) => (resolveClosed = resolve));
  let ended: GuestClosed | undefined;

  const send: SendFrame = (type, frame) => {
    if (!ended) transport.write(encodeFrame(type, frame));
  };
  const programs = makeProgramTable(send);
  const top = makeTop(send);

  const end = (how: GuestClosed): void => {
    if (ended) return;
    ended = how;
    programs.abandon(unavailable(how));
    top.abandon(unavailable(how));
    transport.destroy();
    resolveClosed(how);
  };
  const whileOpen = (): void => {
    if (ended) throw unavailable(ended);
  };

  listen(transport, { ...options, end, handle: makeHandler({ programs, top, ...options }), isOpen: () => !ended });
  return {
    known: programs.known,
    closed,
    start: async (spec, listener) => {
      whileOpen();
      return programs.start(spec, listener);
    },
    adopt: (number, listener) => {
      whileOpen();
      return programs.adopt(number, listener);
    },
    top: async () => {
      whileOpen();
      return top.ask();
    },
    setHostname: (name) => {
      send(toGuest.HOSTNAME, { payload: Buffer.from(name) });
    },
    shutdown: async (timeoutMs) => {
      send(toGuest.SHUTDOWN);
      const timer = setTimeout(end, timeoutMs, { how: 'hung-up', reason: 'no end of the sandbox in time' });
      await closed;
      clearTimeout(timer);
    },
    close: () => {
      programs.flush();
      end({ how: 'closed', reason: 'the connection was closed' });
    },
  };
}

/** What to do with each frame. It throws WindowboxError `data-loss` for one that the guest may not send. */
function makeHandler(
  to: { readonly programs: ProgramTable; readonly top: Top } & Omit<SessionOptions, 'rest'>,
): (frame: Frame) => void {
  return (frame) => {
    switch (frame.type) {
      case toHost.READY:
        to.onReady();
        return;
      case toHost.ALIVE:
        to.programs.learn(frame);
        return;
      case toHost.STARTED:
      case toHost.START_FAILED:
      case toHost.OUTPUT:
      case toHost.EXITED:
        to.programs.take(frame);
        return;
      case toHost.CREDIT_STDIN:
        to.programs.grant(frame);
        return;
      case toHost.TOP_REPLY:
        to.top.take(frame);
        return;
      case toHost.DIAGNOSTIC:
        to.onDiagnostic(frame.payload.toString('utf8'));
        return;
      default:
        throw breach(`frame of type ${String(frame.type)}`);
    }
  };
}

function listen(
  transport: Duplex,
  to: {
    readonly rest: Buffer;
    readonly handle: (frame: Frame) => void;
    readonly end: (how: GuestClosed) => void;
    readonly isOpen: () => boolean;
  },
): void {
  let rest: Buffer = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    try {
      const decoded = decodeFrames(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
      rest = decoded.rest;
      for (const frame of decoded.frames) if (to.isOpen()) to.handle(frame);
    } catch (error) {
      if (!(error instanceof WindowboxError) || error.code !== 'data-loss') throw error;
      to.end({ how: 'broken', reason: error.message });
    }
  };
  transport.on('data', read);
  transport.on('error', (error: Error) => {
    to.end({ how: 'hung-up', reason: error.message });
  });
  transport.on('close', () => {
    to.end({ how: 'hung-up', reason: 'the sandbox hung up' });
  });
  read(to.rest);
}

function unavailable(closed: GuestClosed): WindowboxError {
  return new WindowboxError('unavailable', `Cannot reach the sandbox: ${closed.reason}`);
}
