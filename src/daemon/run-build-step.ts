import { join } from 'node:path';
import type { RunOutcome, RunRequest, StepMount } from '../builder/index.js';
import { type ContainerSettings, type Engine, type MountRequest, noMountOptions } from '../engine/index.js';
import type { ImageStore } from '../images/index.js';
import { hostAnnotations } from '../rules/index.js';
import { removeMountStub } from './remove-mount-stub.js';

/** One `RUN`: a container with one command, followed to its end. What it wrote may then become an image. */
export async function runBuildStep(
  { store, engine }: { store: ImageStore; engine: Engine },
  request: RunRequest,
): Promise<RunOutcome> {
  const { containers } = engine;
  const { id } = await containers.create(settingsFor(request), { unsavedEnv: request.secretEnv });
  const remove = async (): Promise<void> => containers.remove(id, { force: true, volumes: true });
  const onAbort = (): void => {
    containers.kill(id, undefined).catch(() => {});
  };
  request.signal.addEventListener('abort', onAbort, { once: true });
  try {
    request.onStart(id);
    const session = await containers.attach(id, {
      stdin: false,
      stdout: true,
      stderr: true,
      stream: true,
      logs: false,
    });
    const { result } = await containers.wait(id, 'next-exit');
    await containers.start(id);
    // A client that went meanwhile found no program to end.
    if (request.signal.aborted) onAbort();
    for await (const { data } of session.output) request.onOutput(data);
    const { exitCode } = await result;
    return {
      exitCode,
      remove,
      commit: async (commit) => {
        const { folder } = await containers.writableLayer(id);
        for (const { target, existing } of request.mounts)
          if (existing !== undefined) await removeMountStub(join(folder, 'drive_c'), target, existing);
        const created = commit.latest === undefined ? {} : { created: new Date(commit.latest * 1000).toISOString() };
        const imageId = await store.commit({ ...commit, ...created, upper: folder });
        return { id: imageId, registry: store.changesRegistry(imageId) };
      },
    };
  } catch (error) {
    await remove().catch(() => {});
    throw error;
  } finally {
    request.signal.removeEventListener('abort', onAbort);
  }
}

/** The profile that lifts the rules of builds. */
const anyHostId = 'any';

function settingsFor(request: RunRequest): ContainerSettings {
  const { config } = request;
  return {
    image: request.imageId,
    hostname: '',
    domainname: '',
    user: config.User ?? '',
    attachStdin: false,
    attachStdout: true,
    attachStderr: true,
    terminal: false,
    openStdin: false,
    stdinOnce: false,
    env: config.Env ?? [],
    command: [request.commandLine],
    entrypoint: [],
    argsEscaped: true,
    workingDir: config.WorkingDir ?? '',
    labels: {},
    annotations: request.anyHost ? { [hostAnnotations.profile]: anyHostId } : {},
    volumes: [],
    exposedPorts: [],
    healthcheck: { test: ['NONE'], interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 },
    stopSignal: '',
    stopTimeout: undefined,
    shell: undefined,
    isolation: request.isolation,
    resources: {
      memory: request.memory,
      nanoCpus: 0,
      cpuShares: request.cpuShares,
      pidsLimit: 0,
      cpuCount: 0,
      cpuPercent: 0,
    },
    binds: [],
    mounts: request.mounts.map(bindOf),
    volumeDriver: '',
    volumesFrom: [],
    restartPolicy: { name: 'no', maximumRetryCount: 0 },
    autoRemove: false,
    logging: { driver: 'none', options: {} },
    networkMode: request.networkMode === '' ? 'default' : request.networkMode,
    endpoints: {},
    portBindings: {},
    publishAllPorts: false,
    dns: [],
    dnsSearch: [],
    dnsOptions: [],
    extraHosts: request.extraHosts,
    storageOptions: {},
    consoleSize: undefined,
    echo: {},
  };
}

function bindOf({ source, target, readOnly }: StepMount): MountRequest {
  return {
    type: 'bind',
    source,
    target,
    readOnly,
    ...noMountOptions,
  };
}
