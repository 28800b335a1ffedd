import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError, isErrno } from '../errors/index.js';
import { makeLayerFolder } from '../runtime-linux/index.js';
import type { Layer, SandboxNetwork } from '../runtime/index.js';
import { inside } from './bundle/skeleton.js';

/** What a later daemon must know of a running sandbox: `sandbox.json` in its folder. */
export interface SandboxRecord {
  readonly version: 1;
  readonly id: string;
  /** Name in the OCI runtime and of the cgroup: another than the id when it was prepared before the id was known. */
  readonly instance: string;
  readonly pid: number;
  /** Start time of `pid` in clock ticks since boot, so that a process id used again is not taken for it. */
  readonly startTime: number;
  readonly layer: Layer;
}

/** Names in a sandbox's folder. */
export const sandboxFiles = {
  record: 'sandbox.json',
  socket: 'guest.sock',
  pid: 'init.pid',
  output: 'output.log',
  runtimeLog: 'runtime.log',
  cgroupPath: 'cgroup',
} as const;

/**
 * Makes a sandbox's folder: the overlay's inputs as short links (`l/0` is the topmost lower layer; a mount's options must fit
 * in one page, whatever the paths are), and the files that are mounted inside.
 *
 * @throws WindowboxError `already-exists`.
 */
export async function makeSandboxFolder(
  folder: string,
  input: { readonly id: string; readonly hostname: string; readonly layer: Layer; readonly network: SandboxNetwork },
): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!isErrno(error, 'EEXIST')) throw error;
    throw new WindowboxError('already-exists', `Cannot create sandbox "${input.id}": it exists`);
  });
  await makeLayerFolder(input.layer.folder);
  await Promise.all(['l', 'c', 'etc', 'dosdevices'].map(async (name) => mkdir(join(folder, name), { mode: 0o755 })));
  await Promise.all([
    ...input.layer.lower.map(async (path, index) => symlink(path, join(folder, 'l', String(index)))),
    symlink(join(input.layer.folder, 'upper'), join(folder, 'u')),
    symlink(join(input.layer.folder, 'work'), join(folder, 'w')),
    symlink('../drive_c', join(folder, 'dosdevices', 'c:')),
    writeNetworkFiles(folder, input.hostname, input.network),
  ]);
}

/** Adds `X:` to the drives of the container. */
export async function addDrive(folder: string, letter: string): Promise<void> {
  await symlink(join(inside.drives, letter), join(folder, 'dosdevices', `${letter}:`));
}

/** Writes /etc/hosts and /etc/resolv.conf in place: they are bind mounts, which follow the file and not its name. */
export async function writeNetworkFiles(folder: string, hostname: string, network: SandboxNetwork): Promise<void> {
  const named = network.mode === 'namespace' ? network : { hosts: [], dns: { servers: [], search: [] } };
  const own = named.hosts.some(({ name }) => name === hostname) ? [] : [`127.0.1.1\t${hostname}`];
  const hosts = [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost',
    ...own,
    ...named.hosts.map(({ name, address }) => `${address}\t${name}`),
  ];
  const search = named.dns.search.length > 0 ? [`search ${named.dns.search.join(' ')}`] : [];
  const resolver = [...named.dns.servers.map((server) => `nameserver ${server}`), ...search];
  await Promise.all([
    writeFile(join(folder, 'etc', 'hosts'), lines(hosts), { mode: 0o644 }),
    writeFile(join(folder, 'etc', 'resolv.conf'), lines(resolver), { mode: 0o644 }),
  ]);
}

export async function writeRecord(folder: string, record: SandboxRecord): Promise<void> {
  const path = join(folder, sandboxFiles.record);
  await writeFile(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Undefined when there is none, or none that can be read: what is left of such a sandbox is for `purge`. */
export async function readRecord(folder: string): Promise<SandboxRecord | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(folder, sandboxFiles.record), 'utf8'));
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is SandboxRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    value.version === 1 &&
    'pid' in value &&
    'layer' in value
  );
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
