import { daemonEnvironment } from '../connection/daemon-environment.js';
import { daemonFlags, daemonProgram } from '../connection/start-daemon.js';
import { prepareRuntime } from '../connection/prepare-runtime.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';

export function makeDaemonCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Run the daemon in the foreground',
    usage: '[OPTIONS]',
    details:
      'Its own flags follow. Other commands start the daemon by themselves; this one is for service managers and debugging.',
    examples: [{ about: 'See what the daemon does', line: 'windowbox daemon' }],
    flags: {},
    takes: { atLeast: 0 },
    stopAtFirstArgument: true,
    run: async ({ args }) => {
      await prepareRuntime();
      const { runInForeground } = await import('../../platform/index.js');
      return runInForeground(process.execPath, [...daemonFlags, daemonProgram(), ...args], daemonEnvironment());
    },
  });
}
