import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import { runLeavingChild } from '../platform/index.js';
import type { Layer } from '../runtime/index.js';
import { overlayOptions, withShortName } from '../runtime-linux/index.js';
import { sandboxFiles } from './sandbox-folder.js';

export interface LaunchInput {
  readonly folder: string;
  readonly instance: string;
  readonly layer: Layer;
  /** Mounted on {@link rootfs} for the OCI runtime. */
  readonly skeleton: string;
  readonly ociRuntime: string;
  /** The OCI runtime's own state. */
  readonly ociState: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where the skeleton is mounted while the OCI runtime starts, in a mount namespace of its own: a place whose parents everyone
 * may search, which the run folder's need not be.
 */
export const rootfs = '/mnt';

const timeLimitMs = 20_000;

/**
 * Starts a sandbox's init and resolves with its process id. All mounts are made in a mount namespace that only the container
 * keeps: when its last process ends they are gone, whatever happens to us, and the host never sees them.
 *
 * The socket is listening before the container exists and is given to init as descriptor 3: nothing inside has its name.
 */
export async function launchInit(input: LaunchInput): Promise<number> {
  const server = await listen(input.folder);
  const output = await open(join(input.folder, sandboxFiles.output), 'a', 0o600);
  try {
    await mkdir(input.ociState, { recursive: true, mode: 0o700 });
    const exitCode = await runLeavingChild('setpriv', launchArguments(input), {
      output: output.fd,
      socket: server,
      timeoutMs: timeLimitMs,
      signal: input.signal,
    });
    if (exitCode !== 0) throw await launchError(input);
    return Number(await readFile(join(input.folder, sandboxFiles.pid), 'utf8'));
  } finally {
    server.close();
    await output.close();
  }
}

/** `$1` sandbox folder, `$2` overlay options, `$3` skeleton, the rest: the OCI runtime's command line. */
const script = `cd "$1" && mount -t overlay overlay -o "$2" c && mount --bind "$3" ${rootfs} && shift 3 && exec "$@"`;

function launchArguments(input: LaunchInput): readonly string[] {
  const shell = ['/bin/sh', '-c', script, 'sh', input.folder, overlayOptions(input.layer), input.skeleton];
  const oci = [input.ociRuntime, '--root', input.ociState, '--log', join(input.folder, sandboxFiles.runtimeLog), 'run'];
  const run = [
    '--detach',
    '--preserve-fds',
    '1',
    '--bundle',
    input.folder,
    '--pid-file',
    sandboxFiles.pid,
    input.instance,
  ];
  // A start that we do not live to see finished is not finished by others either: what is left lies still for the next daemon.
  const tied = ['--pdeathsig', 'KILL', '--', 'unshare', '--mount', '--propagation', 'private', '--'];
  return [...tied, ...shell, ...oci, ...run];
}

/** Node removes a socket's name when it closes it: the name is changed first, so that it stays as long as init listens. */
async function listen(folder: string): Promise<Server> {
  const server = createServer((connection) => connection.destroy());
  await withShortName(folder, 'new.sock', async (path) => {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path, backlog: 8 }, resolve);
    });
    await rename(path, join(folder, sandboxFiles.socket));
  });
  return server;
}

async function launchError(input: LaunchInput): Promise<WindowboxError> {
  const texts = await Promise.all(
    [sandboxFiles.runtimeLog, sandboxFiles.output].map(async (name) =>
      readFile(join(input.folder, name), 'utf8').catch(() => ''),
    ),
  );
  const said = texts.join('\n').trim().split('\n').slice(-3).join('; ');
  return new WindowboxError(
    'unavailable',
    `Cannot start sandbox "${input.instance}": ${said || 'the OCI runtime failed'}`,
    {
      hint: 'Run "windowbox doctor" to check the machine.',
    },
  );
}
