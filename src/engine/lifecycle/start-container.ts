import { availableParallelism } from 'node:os';
import { describeError, WindowboxError } from '../../errors/index.js';
import type { ConnectNetwork, Runtime, Sandbox, SandboxSpec } from '../../runtime/index.js';
import type { Container } from '../container.js';
import { publishContainerEvent } from '../container-events.js';
import type { EngineContext } from '../context.js';
import type { NetworkConnection } from '../dependencies.js';
import { dockerText } from '../docker-texts.js';
import type { StartFailure } from '../types.js';
import { networkClient, publishNetworkEvents } from './change-networks.js';
import { changeRecord, recordWhatHappened } from './change-record.js';
import { rulesRequest } from './create-container.js';
import { followRun } from './follow-run.js';
import { forgetContainer } from './remove-container.js';

/** Starts a container that does not run. The caller holds the mutex. @throws `not-modified` when it runs already. */
export async function startContainer(context: EngineContext, container: Container): Promise<void> {
  checkStartable(context, container);
  clearTimeout(container.restartTimer);
  try {
    await launch(context, container);
  } catch (error) {
    await rememberFailure(context, container, error);
    throw error;
  }
  publishContainerEvent(context, container, { action: 'start' });
}

function checkStartable(context: EngineContext, container: Container): void {
  const { state } = container.record;
  if (context.closing.aborted)
    throw new WindowboxError('unavailable', 'Cannot start a container: the daemon is shutting down');
  if (container.removing || state.status === 'dead')
    throw new WindowboxError('conflict', dockerText('markedForRemoval'));
  if (state.status === 'paused') throw new WindowboxError('conflict', dockerText('startPaused'));
  if (state.status === 'running') throw new WindowboxError('not-modified', 'Container already started');
}

async function launch(context: EngineContext, container: Container): Promise<void> {
  const { record } = container;
  context.rules.checkAtStart({
    ...rulesRequest(record.settings, record),
    containerId: record.id,
    isolation: record.isolation,
  });
  const runtime = runtimeOf(context, container);
  let connection: NetworkConnection = { sandbox: { mode: 'none' }, endpoints: {}, ports: {} };
  const connect: ConnectNetwork = async (namespace) => {
    connection = await context.network.connect(networkClient(record), namespace);
    publishNetworkEvents(context, container, { action: 'connect', networks: connection.endpoints });
    return connection.sandbox;
  };
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await runtime.create(sandboxSpec(container, connect), {
      onDelay: (reason) => {
        publishContainerEvent(context, container, { action: 'delay', attributes: { reason } });
      },
    });
    const run = await followRun(context, container, sandbox);
    changeRecord(context, container, {
      layer: { lower: record.layer.lower, folder: sandbox.layer.folder },
      pristine: false,
      stoppedByUser: false,
      networks: connection.endpoints,
      ports: connection.ports,
      state: { status: 'running', pid: sandbox.pid, startedAt: run.startedAt },
    });
    container.live = run;
    run.begin();
  } catch (error) {
    await sandbox?.stop({ keepLayer: true });
    await context.network.disconnect(record.id);
    publishNetworkEvents(context, container, { action: 'disconnect', networks: connection.endpoints });
    throw error;
  }
}

/** @throws WindowboxError `unavailable` when this daemon no longer has the mode that the container was made for. */
export function runtimeOf(context: EngineContext, container: Container): Runtime {
  const { isolation } = container.record;
  const runtime = context.runtime(isolation);
  if (runtime !== undefined) return runtime;
  throw new WindowboxError('unavailable', `Cannot use isolation "${isolation}": this daemon does not have that mode`, {
    hint: 'Run "windowbox doctor" to see what it needs.',
  });
}

function sandboxSpec(container: Container, network: SandboxSpec['network']): SandboxSpec {
  const { record } = container;
  const { resources } = record.settings;
  return {
    id: record.id,
    hostname: record.settings.hostname,
    layer: record.layer,
    pristine: record.pristine,
    mounts: record.mounts.map(({ source, target, readOnly }) => ({ source, target, readOnly })),
    resources: {
      memory: resources.memory,
      nanoCpus: nanoCpusOf(resources),
      cpuShares: resources.cpuCount > 0 ? 0 : resources.cpuShares,
      pidsLimit: resources.pidsLimit,
    },
    network,
  };
}

/** Windows has three ways to say it; the count comes first, then the percentage of the whole host. */
export function nanoCpusOf(resources: { nanoCpus: number; cpuCount: number; cpuPercent: number }): number {
  if (resources.nanoCpus > 0) return resources.nanoCpus;
  if (resources.cpuCount > 0) return resources.cpuCount * 1e9;
  return resources.cpuPercent > 0 ? Math.round((availableParallelism() * 1e9 * resources.cpuPercent) / 100) : 0;
}

/**
 * A start that failed leaves its reason and Docker's exit codes (127 no such program, 128 everything else) in the record; a
 * container that was to remove itself at its end does so now.
 */
async function rememberFailure(context: EngineContext, container: Container, error: unknown): Promise<void> {
  const failure = { exitCode: failureCode(error), error: describeError(error) };
  const removes = container.record.settings.autoRemove && !context.closing.aborted;
  if (removes) forgetContainer(context, container);
  else saveFailure(context, container, failure);
  // As in Docker, only a removal is told: nobody has seen an exit.
  for (const waiter of container.waiters) {
    if (!removes || waiter.condition !== 'removed') continue;
    container.waiters.delete(waiter);
    waiter.resolve({ exitCode: failure.exitCode });
  }
  container.hub.end();
  if (removes) await context.dispose(container.record, { volumes: true });
}

function saveFailure(context: EngineContext, container: Container, failure: StartFailure): void {
  const { state } = container.record;
  if (state.status === 'created') recordWhatHappened(context, container, { state: { status: 'created', failure } });
  else if (state.status === 'exited' || state.status === 'restarting')
    recordWhatHappened(context, container, {
      state: {
        status: 'exited',
        startedAt: state.startedAt,
        finishedAt: state.finishedAt,
        outOfMemory: false,
        ...failure,
      },
    });
}

function failureCode(error: unknown): number {
  const reason = error instanceof WindowboxError ? error.cause : undefined;
  return reason instanceof WindowboxError && reason.code === 'not-found' ? 127 : 128;
}
