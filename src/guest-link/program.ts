import { type Delivery, makeDelivery } from './delivery.js';
import { type Feed, makeFeed } from './feed.js';
import { breach, type Frame } from './frame.js';
import { consoleEvents, stream, toGuest, toHost } from './protocol.js';
import { startError } from './start-error.js';
import type { GuestProcess, GuestProcessSpec } from './types.js';

/** One program as the host sees it. */
export interface Program {
  readonly number: number;
  readonly pid: number;
  readonly delivery: Delivery;
  readonly feed: Feed;
  /** Waits for the answer to START. @throws WindowboxError what Windows said. */
  started(spec: GuestProcessSpec): Promise<void>;
  /** Takes a numbered frame. @throws WindowboxError `data-loss` when it cannot come now. */
  take(frame: Frame): void;
  /** The connection has ended. */
  abandon(reason: Error): void;
}

export interface ProgramOptions {
  readonly number: number;
  readonly pid: number;
  /** Bytes of standard input that may be sent at once. */
  readonly room: number;
  readonly send: SendFrame;
  /** All frames of the program up to this number are done with. `isLast`: there will be no more. */
  readonly onDone: (number: number, isLast: boolean) => void;
}

export type SendFrame = (type: number, frame?: { readonly process?: number; readonly payload?: Uint8Array }) => void;

export function makeProgram(options: ProgramOptions): Program {
  const { number, send, onDone } = options;
  let { pid } = options;
  let starting: { readonly spec: GuestProcessSpec; resolve: () => void; reject: (error: Error) => void } | undefined;
  let over = false;
  const delivery = makeDelivery(onDone);
  const feed = makeFeed(options.room, (data) => {
    if (data === 'close') send(toGuest.STDIN_CLOSE, { process: number });
    else send(toGuest.STDIN_DATA, { process: number, payload: data });
  });

  const takeStarted = (frame: Frame): void => {
    pid = firstU32(frame);
    starting?.resolve();
    starting = undefined;
    onDone(frame.number, false);
  };
  const takeFailure = (frame: Frame): void => {
    const error = firstU32(frame);
    if (starting) {
      starting.reject(startError(starting.spec, error, frame.payload.toString('utf8', 4)));
      starting = undefined;
      onDone(frame.number, true);
    } else delivery.take({ ...frame, type: toHost.EXITED });
  };

  return {
    number,
    get pid() {
      return pid;
    },
    delivery,
    feed,
    started: async (spec) =>
      new Promise<void>((resolve, reject) => {
        starting = { spec, resolve, reject };
      }),
    take(frame) {
      if (over) throw breach('frame of a program that has ended');
      if (frame.type === toHost.STARTED) {
        takeStarted(frame);
        return;
      }
      if (frame.type === toHost.OUTPUT) {
        if (starting) throw breach('output before the start');
        if (frame.stream !== stream.STDOUT && frame.stream !== stream.STDERR) throw breach('output on no stream');
        delivery.take(frame);
        return;
      }
      over = true;
      feed.end();
      if (frame.type === toHost.START_FAILED) takeFailure(frame);
      else if (frame.type !== toHost.EXITED || starting) throw breach('end before the start');
      else delivery.take(frame);
    },
    abandon(reason) {
      over = true;
      feed.end();
      starting?.reject(reason);
    },
  };
}

/** The program as the caller gets it. */
export function processOf(program: Program, send: SendFrame): GuestProcess {
  const { number, feed } = program;
  return {
    number,
    pid: program.pid,
    write: async (data) => feed.write(data),
    closeStdin: () => {
      feed.close();
    },
    resize: ({ columns, rows }) => {
      const payload = Buffer.alloc(4);
      payload.writeUInt16LE(columns, 0);
      payload.writeUInt16LE(rows, 2);
      send(toGuest.RESIZE, { process: number, payload });
    },
    control: (event) => {
      send(toGuest.CONTROL, { process: number, payload: u32(consoleEvents[event]) });
    },
    terminate: (exitCode) => {
      send(toGuest.TERMINATE, { process: number, payload: u32(exitCode) });
    },
  };
}

/** @throws WindowboxError `data-loss` when the payload is too short. */
export function firstU32(frame: Frame, at = 0): number {
  if (frame.payload.length < at + 4) throw breach('frame too short');
  return frame.payload.readUInt32LE(at);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
