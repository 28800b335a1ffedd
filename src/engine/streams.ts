import { WindowboxError } from '../errors/index.js';
import type { Container } from './container.js';
import { publishContainerEvent } from './container-events.js';
import type { EngineContext } from './context.js';
import { dockerText } from './docker-texts.js';
import { logPathOf } from './logs/log-path.js';
import { readLog } from './logs/read-log.js';
import { attachToHub } from './process/attach.js';
import type { AttachOptions, AttachSession, LogEntry, LogOptions } from './types.js';

/** @throws WindowboxError `conflict` when it is paused. */
export async function attachContainer(
  context: EngineContext,
  container: Container,
  options: AttachOptions,
): Promise<AttachSession> {
  const { record, hub } = container;
  if (record.state.status === 'paused') throw new WindowboxError('conflict', dockerText('isPaused', record.id));
  const session = attachToHub(hub, {
    terminal: record.settings.terminal,
    options,
    // As moby: the input of a terminal stays open, so that the detach keys leave its program running.
    closeInputOnDetach: record.settings.stdinOnce && !record.settings.terminal,
    ...(options.logs ? { before: pastOutput(context, container) } : {}),
  });
  publishContainerEvent(context, container, { action: 'attach' });
  return Promise.resolve(session);
}

/** @throws WindowboxError `unsupported` for a container that keeps no log. */
export function containerLogs(
  context: EngineContext,
  container: Container,
  options: LogOptions,
): { readonly terminal: boolean; readonly entries: AsyncIterable<LogEntry> } {
  const { settings } = container.record;
  if (settings.logging.driver === 'none') throw new WindowboxError('unsupported', dockerText('logDriverUnreadable'));
  if (!options.stdout && !options.stderr)
    throw new WindowboxError('invalid-argument', 'Bad parameters: you must choose at least one stream');
  return { terminal: settings.terminal, entries: readLog(logSource(context, container), options) };
}

function pastOutput(context: EngineContext, container: Container): AsyncIterable<LogEntry> {
  const all = { stdout: true, stderr: true, follow: false, since: 0n, until: 0n, tail: undefined };
  return readLog(logSource(context, container), all);
}

function logSource(context: EngineContext, container: Container): Parameters<typeof readLog>[0] {
  return {
    path: logPathOf(context, container.record.id),
    nextWrite: async (signal) => nextWrite(container, signal),
  };
}

/** Resolves with true at the next write; with false when the run ends or the client has gone. */
async function nextWrite(container: Container, signal: AbortSignal | undefined): Promise<boolean> {
  const { live } = container;
  if (live?.log === undefined || live.over.aborted) return false;
  const { log, over } = live;
  return new Promise((resolve) => {
    const stop = (goesOn: boolean): void => {
      log.listeners.delete(onWrite);
      signal?.removeEventListener('abort', onAbort);
      over.removeEventListener('abort', onAbort);
      resolve(goesOn);
    };
    const onWrite = (): void => {
      stop(true);
    };
    const onAbort = (): void => {
      stop(false);
    };
    log.listeners.add(onWrite);
    signal?.addEventListener('abort', onAbort);
    over.addEventListener('abort', onAbort);
  });
}
