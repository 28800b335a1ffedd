import type { CommandLeaf, CommandTable } from '../command-entry.js';

/** Commands that stand by themselves and, most under the same name, under `image`. */
export const imageCommands = {
  images: {
    summary: 'List images',
    load: async () => (await import('../commands/images.js')).makeImagesCommand(),
  },
  build: {
    summary: 'Build an image from a Dockerfile',
    load: async () => (await import('../commands/build.js')).makeBuildCommand(),
  },
  pull: {
    summary: 'Download an image from a registry',
    load: async () => (await import('../commands/pull.js')).makePullCommand(),
  },
  push: {
    summary: 'Upload an image to a registry',
    load: async () => (await import('../commands/push.js')).makePushCommand(),
  },
  tag: {
    summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    load: async () => (await import('../commands/tag.js')).makeTagCommand(),
  },
  rebase: {
    summary: 'Move an image to another base without a build',
    load: async () => (await import('../commands/rebase.js')).makeRebaseCommand(),
  },
  rmi: {
    summary: 'Remove one or more images',
    load: async () => (await import('../commands/rmi.js')).makeRmiCommand(),
  },
  history: {
    summary: 'Show the history of an image',
    load: async () => (await import('../commands/history.js')).makeHistoryCommand(),
  },
  save: {
    summary: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
    load: async () => (await import('../commands/save.js')).makeSaveCommand(),
  },
  load: {
    summary: 'Load an image from a tar archive or STDIN',
    load: async () => (await import('../commands/load.js')).makeLoadCommand(),
  },
  import: {
    summary: 'Import the contents from a tarball to create a filesystem image',
    load: async () => (await import('../commands/import.js')).makeImportCommand(),
  },
} as const satisfies Record<string, CommandLeaf>;

const { images, rmi, ...sameNames } = imageCommands;

/** The group `image`. */
export const imageGroup: CommandTable = {
  ls: images,
  list: images,
  rm: rmi,
  ...sameNames,
  inspect: {
    summary: 'Display detailed information on one or more images',
    load: async () => (await import('../commands/inspect.js')).makeInspectCommandFor('image'),
  },
  prune: {
    summary: 'Remove unused images',
    load: async () => (await import('../commands/prune.js')).makeImagePruneCommand(),
  },
};
