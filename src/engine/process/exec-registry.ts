import { WindowboxError } from '../../errors/index.js';
import type { SandboxProcess } from '../../runtime/index.js';
import { dockerText } from '../docker-texts.js';
import type { ExecSettings, ExecState } from '../types.js';
import type { StreamHub } from './stream-hub.js';

/** One exec; lives only as long as the daemon, as Docker's do. */
export interface Exec {
  readonly id: string;
  readonly containerId: string;
  readonly settings: ExecSettings;
  readonly hub: StreamHub;
  state: ExecState;
  process: SandboxProcess | undefined;
}

export interface ExecRegistry {
  add(exec: Exec): void;
  /** Full id or a unique prefix. @throws WindowboxError `not-found` "No such exec instance: x". */
  find(id: string): Exec;
  ofContainer(containerId: string): readonly Exec[];
  removeOf(containerId: string): void;
}

/** Finished execs that nobody asks about any more are let go beyond this many a container. */
const keptFinished = 256;

export function createExecRegistry(): ExecRegistry {
  const execs = new Map<string, Exec>();
  const ofContainer = (containerId: string): Exec[] =>
    [...execs.values()].filter((exec) => exec.containerId === containerId);
  return {
    add: (exec) => {
      const finished = ofContainer(exec.containerId).filter(({ state }) => state.status === 'exited');
      for (const old of finished.slice(0, Math.max(finished.length - keptFinished, 0))) execs.delete(old.id);
      execs.set(exec.id, exec);
    },
    find: (id) => {
      const found = execs.get(id) ?? byPrefix(execs, id);
      if (found === undefined) throw new WindowboxError('not-found', dockerText('noSuchExec', id));
      return found;
    },
    ofContainer,
    removeOf: (containerId) => {
      for (const exec of ofContainer(containerId)) execs.delete(exec.id);
    },
  };
}

function byPrefix(execs: ReadonlyMap<string, Exec>, prefix: string): Exec | undefined {
  const matches = prefix === '' ? [] : [...execs.values()].filter(({ id }) => id.startsWith(prefix));
  return matches.length === 1 ? matches[0] : undefined;
}
