import { WindowboxError } from '../../errors/index.js';
import type { Container, LiveContainer } from '../container.js';
import { publishContainerEvent } from '../container-events.js';
import type { EngineContext } from '../context.js';
import { dockerText } from '../docker-texts.js';
import type { ExecOperations } from '../engine.js';
import { generateId } from '../generate-id.js';
import type { ExecView, TerminalSize } from '../types.js';
import { attachToHub } from './attach.js';
import { createProcessError } from './create-process-error.js';
import type { Exec } from './exec-registry.js';
import { execProcessSpec } from './process-spec.js';
import { execNumber } from './run-probe.js';
import { createStreamHub } from './stream-hub.js';

export function createExecOperations(context: EngineContext): ExecOperations {
  return {
    create: async (containerRef, settings) => {
      const container = context.registry.find(containerRef);
      requireRunning(container);
      if (settings.command.length === 0 || settings.command[0] === '')
        throw new WindowboxError('invalid-argument', 'No exec command specified');
      const exec: Exec = {
        id: generateId(),
        containerId: container.record.id,
        settings,
        hub: createStreamHub(),
        state: { status: 'created' },
        process: undefined,
      };
      context.execs.add(exec);
      publishExec(context, container, exec, 'exec_create');
      return Promise.resolve({ id: exec.id });
    },
    start: async (id, { detached, size }) => {
      const exec = context.execs.find(id);
      if (exec.state.status === 'running') throw new WindowboxError('conflict', dockerText('execRunning', exec.id));
      if (exec.state.status === 'exited') throw new WindowboxError('conflict', dockerText('execStopped', exec.id));
      const container = context.registry.find(exec.containerId);
      const live = requireRunning(container);
      const session = detached ? undefined : openSession(exec);
      try {
        await launch({ context, container, live, exec, size });
      } catch (error) {
        session?.detach();
        throw error;
      }
      return session;
    },
    inspect: async (id) => Promise.resolve(viewOf(context.execs.find(id))),
    resize: async (id, size) => {
      const exec = context.execs.find(id);
      if (exec.state.status !== 'running')
        throw new WindowboxError('conflict', dockerText('execExited', exec.containerId));
      exec.process?.resize(size);
      return Promise.resolve();
    },
  };
}

/** @throws WindowboxError `conflict` with Docker's text when the container does not run or is paused. */
function requireRunning(container: Container): LiveContainer {
  const { live, record } = container;
  if (record.state.status === 'paused') throw new WindowboxError('conflict', dockerText('execPaused', record.name));
  if (live === undefined) throw new WindowboxError('conflict', dockerText('notRunning', record.id));
  return live;
}

async function launch(about: {
  readonly context: EngineContext;
  readonly container: Container;
  readonly live: LiveContainer;
  readonly exec: Exec;
  readonly size: TerminalSize | undefined;
}): Promise<void> {
  const { context, container, live, exec } = about;
  const settings = { ...exec.settings, consoleSize: about.size ?? exec.settings.consoleSize };
  exec.state = { status: 'running', pid: 0 };
  const end = (exitCode: number): void => {
    if (exec.state.status === 'exited') return;
    exec.state = { status: 'exited', pid: exec.process?.pid ?? 0, exitCode };
    exec.hub.end();
    publishExec(context, container, exec, 'exec_die');
  };
  try {
    exec.process = await live.sandbox.start(execProcessSpec(container.record, settings, execNumber()), {
      onOutput: (chunk) => exec.hub.publish(chunk),
      onExit: end,
    });
  } catch (error) {
    exec.state = {
      status: 'exited',
      pid: 0,
      exitCode: error instanceof WindowboxError && error.code === 'not-found' ? 127 : 126,
    };
    throw createProcessError(container.record.id, error, settings.command[0] ?? '');
  }
  // It may have ended before `start` resolved.
  if (exec.state.status === 'running') exec.state = { status: 'running', pid: exec.process.pid };
  live.execs.add(exec.id);
  void live.sandbox.ended.then(() => end(137));
  const { process } = exec;
  exec.hub.setInput({ write: async (data) => process.write(data), close: () => process.closeStdin() });
  publishExec(context, container, exec, 'exec_start');
}

function openSession(exec: Exec): ReturnType<typeof attachToHub> {
  const { settings } = exec;
  return attachToHub(exec.hub, {
    terminal: settings.terminal,
    options: {
      stdin: settings.attachStdin,
      stdout: settings.attachStdout,
      stderr: settings.attachStderr,
      stream: true,
      logs: false,
    },
    closeInputOnDetach: true,
  });
}

function publishExec(context: EngineContext, container: Container, exec: Exec, action: string): void {
  const line = exec.settings.command.join(' ');
  const code = exec.state.status === 'exited' ? { exitCode: String(exec.state.exitCode) } : {};
  publishContainerEvent(context, container, {
    action: action === 'exec_die' ? action : `${action}: ${line}`,
    attributes: { execID: exec.id, ...code },
  });
}

function viewOf(exec: Exec): ExecView {
  const [program = '', ...args] = exec.settings.command;
  return { id: exec.id, containerId: exec.containerId, settings: exec.settings, program, args, state: exec.state };
}
