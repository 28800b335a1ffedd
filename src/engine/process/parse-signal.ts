import { WindowboxError } from '../../errors/index.js';
import { dockerText } from '../docker-texts.js';

/** What a signal means on Windows: moby ends a container for KILL and asks it to shut down for every other one it knows. */
export type StopAct = 'terminate' | 'shutdown' | 'ctrl-c' | 'ctrl-break';

/** Source: moby `github.com/moby/sys/signal` for Windows knows only KILL and TERM; the others are what clients send all the same. */
const acts: Readonly<Record<string, StopAct>> = {
  KILL: 'terminate',
  '9': 'terminate',
  TERM: 'shutdown',
  '15': 'shutdown',
  INT: 'ctrl-c',
  '2': 'ctrl-c',
  QUIT: 'ctrl-break',
  '3': 'ctrl-break',
  HUP: 'shutdown',
  '1': 'shutdown',
};

/** @throws WindowboxError `invalid-argument` "Invalid signal: x". */
export function parseSignal(signal: string): StopAct {
  const act = acts[signal.toUpperCase().replace(/^SIG/u, '')];
  if (act === undefined) throw new WindowboxError('invalid-argument', dockerText('invalidSignal', signal));
  return act;
}
