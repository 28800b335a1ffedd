import { WindowboxError } from '../errors/index.js';
import type { ImageProcessConfig } from '../oci/index.js';
import type { Build, Stage } from './evaluate/build-state.js';
import { configInstructions } from './evaluate/config-instructions.js';
import { parseInstruction } from './parse/parse-dockerfile.js';
import { silence } from './voice/voice.js';

/**
 * The config after the instructions of `docker commit --change` and `docker import --change`.
 *
 * @throws WindowboxError `invalid-argument` for one that does more than change the config.
 */
export async function applyChanges(
  config: ImageProcessConfig,
  changes: readonly string[],
): Promise<ImageProcessConfig> {
  const stage: Stage = {
    imageId: '',
    config,
    image: { os: 'windows', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } },
    author: '',
    args: new Map(),
    cacheBroken: true,
  };
  for (const change of changes) {
    const instruction = parseInstruction(change, 1);
    const act = changeable.has(instruction.name) ? configInstructions[instruction.name] : undefined;
    if (!act) throw new WindowboxError('invalid-argument', `${instruction.name} is not a valid change command`);
    await act(unbuilt, stage, instruction);
  }
  return stage.config;
}

const changeable = new Set([
  'CMD',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);
const nothing = async (): Promise<never> => {
  throw new WindowboxError('internal', 'Cannot build: only the config is changed');
};

const none: AsyncIterable<never> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};

/** A build in which no image is made: only the config that comes out counts. */
const unbuilt: Build = {
  id: '',
  host: {
    state: {
      caches: { take: nothing, list: async () => [], prune: nothing, close: () => {} },
      contexts: { read: nothing, write: nothing, clear: nothing },
      spools: { take: () => undefined, keep: () => {}, clear: () => 0 },
      work: '',
      close: () => {},
    },
    image: nothing,
    children: async () => [],
    commit: async () => '',
    run: nothing,
    mount: nothing,
    tag: () => {},
    keep: () => {},
    letGo: async () => {},
  },
  request: {
    context: { type: 'tar', bytes: none },
    dockerfile: '',
    tags: [],
    quiet: true,
    noCache: true,
    pull: false,
    buildArguments: {},
    labels: {},
    target: '',
    platform: '',
    isolation: '',
    networkMode: '',
    extraHosts: [],
    memory: 0,
    cpuShares: 0,
    secrets: new Map(),
    signal: new AbortController().signal,
  },
  context: {
    files: { find: () => undefined, list: () => [], bring: nothing, read: () => none, digest: nothing },
    path: nothing,
    settle: nothing,
    ignored: () => false,
    readDockerfile: nothing,
    remove: async () => {},
  },
  dockerfile: { escape: '\\', instructions: [], lines: [] },
  plan: { globals: [], stages: [], steps: 0 },
  escape: '\\',
  voice: silence,
  platform: undefined,
  isOneOfMany: false,
  stages: [],
  number: 0,
  globals: new Map(),
  usedArguments: new Set(),
  said: new Set(),
  hashes: new Map(),
  firstLayers: new Map(),
  latest: undefined,
};
