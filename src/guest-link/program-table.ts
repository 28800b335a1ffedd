import { WindowboxError } from '../errors/index.js';
import { makeAcknowledger } from './acknowledger.js';
import { encodeStart } from './encode-start.js';
import { breach, type Frame } from './frame.js';
import { firstU32, makeProgram, processOf, type Program, type SendFrame } from './program.js';
import { protocol, toGuest } from './protocol.js';
import type { GuestListener, GuestProcess, GuestProcessSpec, GuestSession } from './types.js';

/** The programs of a session: from START or ALIVE to the last frame done. */
export interface ProgramTable extends Pick<GuestSession, 'known' | 'start' | 'adopt'> {
  /** ALIVE. This and the next two throw WindowboxError `data-loss` for what the guest may not send. */
  learn(frame: Frame): void;
  /** A numbered frame. */
  take(frame: Frame): void;
  /** CREDIT_STDIN. */
  grant(frame: Frame): void;
  /** Sends the acknowledgements that are due. */
  flush(): void;
  abandon(reason: Error): void;
}

export function makeProgramTable(send: SendFrame): ProgramTable {
  const programs = new Map<number, Program>();
  const known = new Map<number, { readonly pid: number }>();
  const acknowledger = makeAcknowledger(send);
  let lastNumber = 0;

  const add = (of: { readonly number: number; readonly pid: number; readonly room: number }): Program => {
    if (programs.size >= protocol.PROCESS_MAX)
      throw new WindowboxError('resource-exhausted', 'Cannot start another process: the sandbox has too many');
    const program = makeProgram({
      ...of,
      send,
      onDone: (number, isLast) => {
        if (isLast) programs.delete(of.number);
        acknowledger.done(of.number, number);
      },
    });
    programs.set(of.number, program);
    return program;
  };

  return {
    known,
    start: async (spec, listener) => start({ spec, listener, send, programs, add }),
    adopt: (number, listener) => adopt({ number, listener, send, programs }),
    learn(frame) {
      const [pid, room] = [firstU32(frame), firstU32(frame, 4)];
      const impossible = frame.process === 0 || programs.has(frame.process) || room > protocol.WINDOW;
      if (impossible || programs.size >= protocol.PROCESS_MAX) throw breach('impossible process');
      known.set(frame.process, { pid });
      add({ number: frame.process, pid, room });
    },
    take(frame) {
      if (frame.number <= lastNumber) throw breach('frames out of order');
      lastNumber = frame.number;
      const program = programs.get(frame.process);
      if (!program) throw breach(`frame of process ${String(frame.process)}, which there is not`);
      program.take(frame);
    },
    grant(frame) {
      // Room may still be granted for what a program left unread when it ended.
      programs.get(frame.process)?.feed.grant(firstU32(frame));
    },
    flush: () => {
      acknowledger.flush();
    },
    abandon(reason) {
      for (const program of programs.values()) program.abandon(reason);
    },
  };
}

async function start(of: {
  readonly spec: GuestProcessSpec;
  readonly listener: GuestListener;
  readonly send: SendFrame;
  readonly programs: ReadonlyMap<number, Program>;
  readonly add: (program: { readonly number: number; readonly pid: number; readonly room: number }) => Program;
}): Promise<GuestProcess> {
  const { number } = of.spec;
  const payload = encodeStart(of.spec);
  if (of.programs.has(number))
    throw new WindowboxError('conflict', `Cannot start process ${String(number)}: the number is in use`);
  const program = of.add({ number, pid: 0, room: protocol.WINDOW });
  program.delivery.attach(of.listener);
  const started = program.started(of.spec);
  of.send(toGuest.START, { process: number, payload });
  await started;
  return processOf(program, of.send);
}

function adopt(of: {
  readonly number: number;
  readonly listener: GuestListener;
  readonly send: SendFrame;
  readonly programs: ReadonlyMap<number, Program>;
}): GuestProcess {
  const act = `Cannot take over process ${String(of.number)}`;
  const program = of.programs.get(of.number);
  if (!program) throw new WindowboxError('not-found', `${act}: the sandbox does not know it`);
  if (program.delivery.isAttached) throw new WindowboxError('conflict', `${act}: it has a listener`);
  program.delivery.attach(of.listener);
  return processOf(program, of.send);
}
