import type { CommandLeaf } from '../command-entry.js';

/** Commands that stand by themselves and under `container` alike. */
export const containerCommands = {
  run: {
    summary: 'Create and run a new container from an image',
    load: async () => (await import('../commands/run.js')).makeRunCommand(),
  },
  exec: {
    summary: 'Execute a command in a running container',
    load: async () => (await import('../commands/exec.js')).makeExecCommand(),
  },
  ps: {
    summary: 'List containers',
    load: async () => (await import('../commands/ps.js')).makePsCommand(),
  },
  create: {
    summary: 'Create a new container',
    load: async () => (await import('../commands/create.js')).makeCreateCommand(),
  },
  start: {
    summary: 'Start one or more stopped containers',
    load: async () => (await import('../commands/start.js')).makeStartCommand(),
  },
  stop: {
    summary: 'Stop one or more running containers',
    load: async () => (await import('../commands/stop.js')).makeStopCommand(),
  },
  restart: {
    summary: 'Restart one or more containers',
    load: async () => (await import('../commands/stop.js')).makeRestartCommand(),
  },
  kill: {
    summary: 'Kill one or more running containers',
    load: async () => (await import('../commands/kill.js')).makeKillCommand(),
  },
  pause: {
    summary: 'Pause all processes within one or more containers',
    load: async () => (await import('../commands/pause.js')).makePauseCommand(),
  },
  unpause: {
    summary: 'Unpause all processes within one or more containers',
    load: async () => (await import('../commands/pause.js')).makeUnpauseCommand(),
  },
  wait: {
    summary: 'Block until one or more containers stop, then print their exit codes',
    load: async () => (await import('../commands/wait.js')).makeWaitCommand(),
  },
  rm: {
    summary: 'Remove one or more containers',
    load: async () => (await import('../commands/rm.js')).makeRmCommand(),
  },
  logs: {
    summary: 'Fetch the logs of a container',
    load: async () => (await import('../commands/logs.js')).makeLogsCommand(),
  },
  attach: {
    summary: 'Attach local standard input, output, and error streams to a running container',
    load: async () => (await import('../commands/attach.js')).makeAttachCommand(),
  },
  top: {
    summary: 'Display the running processes of a container',
    load: async () => (await import('../commands/top.js')).makeTopCommand(),
  },
  stats: {
    summary: 'Display a live stream of container(s) resource usage statistics',
    load: async () => (await import('../commands/stats.js')).makeStatsCommand(),
  },
  cp: {
    summary: 'Copy files/folders between a container and the local filesystem',
    load: async () => (await import('../commands/cp.js')).makeCpCommand(),
  },
  diff: {
    summary: "Inspect changes to files or directories on a container's filesystem",
    load: async () => (await import('../commands/diff.js')).makeDiffCommand(),
  },
  port: {
    summary: 'List port mappings or a specific mapping for the container',
    load: async () => (await import('../commands/port.js')).makePortCommand(),
  },
  rename: {
    summary: 'Rename a container',
    load: async () => (await import('../commands/rename.js')).makeRenameCommand(),
  },
  update: {
    summary: 'Update configuration of one or more containers',
    load: async () => (await import('../commands/update.js')).makeUpdateCommand(),
  },
  commit: {
    summary: "Create a new image from a container's changes",
    load: async () => (await import('../commands/commit.js')).makeCommitCommand(),
  },
  export: {
    summary: "Export a container's filesystem as a tar archive",
    load: async () => (await import('../commands/export.js')).makeExportCommand(),
  },
} as const satisfies Record<string, CommandLeaf>;
