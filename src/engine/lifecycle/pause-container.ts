import { WindowboxError } from '../../errors/index.js';
import type { Container, LiveContainer } from '../container.js';
import { publishContainerEvent } from '../container-events.js';
import type { EngineContext } from '../context.js';
import { dockerText } from '../docker-texts.js';
import { changeRecord } from './change-record.js';

/** @throws WindowboxError `conflict` unless it runs and is not paused, `unsupported` where the mode cannot pause. */
export async function pauseContainer(context: EngineContext, container: Container): Promise<void> {
  const { record } = container;
  if (record.state.status === 'paused') throw new WindowboxError('conflict', dockerText('alreadyPaused', record.id));
  const live = requireLive(container, dockerText('pauseNotRunning', record.id));
  await live.sandbox.pause();
  setStatus(context, container, 'paused');
  publishContainerEvent(context, container, { action: 'pause' });
}

/** @throws WindowboxError `conflict` unless it is paused. */
export async function unpauseContainer(context: EngineContext, container: Container): Promise<void> {
  const { record } = container;
  if (record.state.status !== 'paused') throw new WindowboxError('conflict', dockerText('notPaused', record.id));
  const live = requireLive(container, dockerText('notPaused', record.id));
  await live.sandbox.resume();
  setStatus(context, container, 'running');
  publishContainerEvent(context, container, { action: 'unpause' });
}

function requireLive(container: Container, text: string): LiveContainer {
  if (container.live === undefined) throw new WindowboxError('conflict', text);
  return container.live;
}

function setStatus(context: EngineContext, container: Container, status: 'running' | 'paused'): void {
  const { state } = container.record;
  if (state.status !== 'running' && state.status !== 'paused') return;
  changeRecord(context, container, { state: { ...state, status } });
}
