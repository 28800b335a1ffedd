import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import { type DetachedProgram, startDetached } from '../platform/index.js';
import { connectSocket } from './connect-socket.js';
import { tapNames } from './network-cards.js';
import { type Context, vmUser } from './context.js';
import { inside, type MachineFiles, type MachineShape, qemuArguments, vmSockets } from './qemu-arguments.js';
import { openQmp, type QmpClient } from './qmp-client.js';

export interface LaunchInput {
  /** The VM's folder, made by the caller: its sockets are made in it. */
  readonly folder: string;
  readonly shape: MachineShape;
  readonly files: MachineFiles;
  readonly cgroupFolders: readonly string[];
  /** The host's folders that the guest gets: a path in QEMU's root, below `/layer` or `/shares`, for each. */
  readonly shares: readonly HostShare[];
  /** Network namespace with the taps of all cards in it. */
  readonly network?: string | undefined;
  /** State saved by `saveVm`; without it the VM boots. */
  readonly state?: string | undefined;
  /** Ends when we do, however that is: nobody needs a VM that is half a template. */
  readonly endsWithUs?: boolean;
}

export interface HostShare {
  readonly place: string;
  readonly source: string;
  readonly readOnly: boolean;
}

export interface LaunchedVm {
  readonly pid: number;
  readonly qmp: QmpClient;
  readonly program: DetachedProgram;
}

const startMs = 20_000;

/**
 * Starts QEMU where it sees nothing but its own files, as a user of its own, and resolves when its machine protocol answers. It
 * goes on when we die, unless it was to end with us.
 *
 * @throws WindowboxError `unavailable` with QEMU's own words.
 */
export async function launchVm(context: Context, input: LaunchInput): Promise<LaunchedVm> {
  const root = join(input.folder, 'root');
  await mkdir(root, { recursive: true });
  const state = input.state === undefined ? undefined : await open(input.state, 'r');
  try {
    const qemu = await findQemu(context.qemu);
    const program = startDetached(
      join(context.options.parts.guest, 'vm-launch'),
      [...(await launchArguments(context.options.parts.guest, input, root)), '--', qemu, ...machineArguments(input)],
      { output: 'memory', env: environment(context, input), ...(state && { third: state.fd }) },
    );
    const qmp = await connectQmp(input.folder, program);
    return { pid: program.pid ?? 0, qmp, program };
  } finally {
    await state?.close();
  }
}

async function connectQmp(folder: string, program: DetachedProgram): Promise<QmpClient> {
  try {
    const socket = await connectSocket(folder, vmSockets.qmp, { waitMs: startMs, hasEnded: program.hasEnded });
    return await openQmp(socket);
  } catch (cause) {
    // What it said on its way out may still be on its way to us.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const said = program.said().trim().split('\n').slice(-3).join('; ');
    throw new WindowboxError('unavailable', `Cannot start the VM: ${said || 'QEMU does not answer'}`, {
      hint: 'Run "windowbox doctor" to check the machine.',
      cause,
    });
  }
}

function machineArguments(input: LaunchInput): readonly string[] {
  return qemuArguments(
    input.shape,
    { ...input.files, disk: inside.disk },
    { start: input.state === undefined ? 'boot' : 'restore', network: input.network !== undefined },
  );
}

async function launchArguments(guest: string, input: LaunchInput, root: string): Promise<readonly string[]> {
  const { files } = input;
  const kvm = input.shape.accelerator === 'kvm' ? ['/dev/kvm'] : [];
  const group = kvm.length > 0 ? ['--group', String((await stat('/dev/kvm')).gid)] : [];
  const system = ['/usr', '/lib', '/lib64', '/bin', '/dev/null', '/dev/urandom', ...kvm];
  const seen = [...system, files.kernel, files.initialRoot, files.rootImage, ...files.baseImages];
  return [
    '--root',
    root,
    '--user',
    String(vmUser),
    ...group,
    ...(input.endsWithUs === true ? ['--parent', String(process.pid)] : []),
    ...input.cgroupFolders.flatMap((folder) => ['--cgroup', folder]),
    ...(input.network === undefined ? [] : ['--netns', input.network, ...tapNames.flatMap((name) => ['--tap', name])]),
    ...[...new Set(seen)].flatMap((path) => ['--see', path]),
    // A template's memory is written once, by its own boot.
    input.state === undefined ? '--own' : '--see',
    files.memory,
    '--see',
    join(guest, 'read-only-memory.so'),
    '--share',
    'rw',
    inside.run,
    input.folder,
    '--share',
    'rw',
    inside.disk,
    files.disk,
    '--folder',
    inside.layer,
    '--folder',
    inside.shares,
    ...input.shares.flatMap(({ place, source, readOnly }) => ['--share', readOnly ? 'ro' : 'rw', place, source]),
  ];
}

function environment(context: Context, input: LaunchInput): NodeJS.ProcessEnv {
  const plain = { PATH: '/usr/bin:/bin' };
  if (input.state === undefined) return plain;
  const library = join(context.options.parts.guest, 'read-only-memory.so');
  return { ...plain, LD_PRELOAD: library, WINDOWBOX_MEMORY: input.files.memory };
}

async function findQemu(name: string): Promise<string> {
  if (name.includes('/')) return name;
  for (const folder of ['/usr/local/bin', '/usr/bin', '/bin']) {
    const path = join(folder, name);
    if (await stat(path).catch(() => undefined)) return path;
  }
  throw new WindowboxError('unavailable', `Cannot start the VM: "${name}" is not installed`, {
    hint: `Install it (Debian: apt-get install qemu-system-x86), then run "windowbox doctor".`,
  });
}
