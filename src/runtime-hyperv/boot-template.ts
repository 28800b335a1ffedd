import { createWriteStream } from 'node:fs';
import { chmod, mkdir, rename } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { WindowboxError } from '../errors/index.js';
import { connectGuest } from '../guest-link/index.js';
import { identifyProcess, killProcess, waitForEnd, withShortName } from '../runtime-linux/index.js';
import { connectSocket } from './connect-socket.js';
import { cgroupOf, type Context, folderOf } from './context.js';
import { openControlLink } from './control-link.js';
import { launchVm } from './launch-vm.js';
import { inside, type MachineFiles, type MachineShape, vmSockets } from './qemu-arguments.js';
import { describeConsole } from './read-console.js';
import { releaseVm } from './release-vm.js';
import { saveVm } from './restore-vm.js';
import type { TemplateReport } from './template.js';
import { makeVmCgroup } from './vm-cgroup.js';
import { writeVmRecord } from './vm-record.js';

const bootMs = 400_000;
const warmUpMs = 120_000;
/** Out of the way of the numbers that containers use. */
const warmUpNumber = 0x7fff_ffff;
const stateSocket = 'state';

export interface BootInput {
  readonly shape: MachineShape;
  readonly files: MachineFiles;
  /** File for the devices' state. */
  readonly state: string;
  readonly name: string;
  readonly say: TemplateReport;
}

/** Boots a VM, waits until its agent takes programs, and saves it: memory in `files.memory`, the rest in `state`. */
export async function bootTemplate(context: Context, input: BootInput): Promise<void> {
  const id = `template-${input.name}`;
  const folder = folderOf(context, id);
  const cgroup = await cgroupOf(context, id);
  context.booting.add(id);
  await releaseVm(context, id);
  await mkdir(folder, { mode: 0o711 });
  try {
    // A daemon that dies now leaves what is left of it to the next one, which lists it as it lists a container's.
    await writeVmRecord(folder, { version: 1, id, layer: { lower: [], folder }, memory: input.shape.size.memory });
    const unlimited = { memory: 0, nanoCpus: 0, cpuShares: 0, pidsLimit: 0 };
    const cgroupFolders = await makeVmCgroup(cgroup, input.shape.size.memory, unlimited);
    const { shape, files } = input;
    const vm = await launchVm(context, { shape, files, folder, cgroupFolders, shares: [], endsWithUs: true });
    const qemu = await identifyProcess(vm.pid);
    const onClose = (): void => {
      void killProcess(qemu);
    };
    context.closing.signal.addEventListener('abort', onClose, { once: true });
    try {
      await warmUp(context, folder, input.say).catch(async (cause: unknown) => {
        throw await describeConsole(vm.qmp, cause);
      });
      input.say('saving it');
      await withStateSocket(folder, input.state, async (uri) => saveVm(vm.qmp, uri));
      await vm.qmp.execute('quit').catch(() => undefined);
      await waitForEnd(qemu, 5000);
    } finally {
      context.closing.signal.removeEventListener('abort', onClose);
      vm.qmp.close();
      await killProcess(qemu);
    }
  } finally {
    await releaseVm(context, id);
    context.booting.delete(id);
  }
}

/** One program from start to end, so that what every program needs is in memory already. */
async function warmUp(context: Context, folder: string, say: TemplateReport): Promise<void> {
  say('booting');
  const control = openControlLink(await connectSocket(folder, vmSockets.control));
  try {
    await control.ask(['ping'], bootMs);
    say('starting Wine');
    const socket = await connectSocket(folder, vmSockets.agent);
    const link = await connectGuest(socket, { last: 0, timeoutMs: bootMs, onDiagnostic: context.log });
    try {
      say('running a program');
      await runToEnd(link, 'cmd /c ver');
    } finally {
      link.close();
    }
    // Wine's own services settle after the first program; what they do then they need not do in every copy.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await control.ask(['ping'], warmUpMs);
  } finally {
    control.close();
  }
}

async function runToEnd(link: Awaited<ReturnType<typeof connectGuest>>, command: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new WindowboxError('timeout', `Cannot make the template: "${command}" does not end`));
    }, warmUpMs);
    const spec = { number: warmUpNumber, command, cwd: 'C:\\', env: {}, user: 'ContainerAdministrator', stdin: false };
    const onExit = (): void => {
      clearTimeout(timer);
      resolve();
    };
    link.start(spec, { onOutput: () => undefined, onExit }).catch(reject);
  });
}

/** QEMU may start no program and open no file: it writes its state to a socket of ours. */
async function withStateSocket(folder: string, file: string, act: (uri: string) => Promise<void>): Promise<void> {
  const target = createWriteStream(file, { mode: 0o444, flush: true });
  let copied: Promise<void> | undefined;
  const server = createServer((connection) => {
    copied = pipeline(connection, target);
    copied.catch(() => undefined);
  });
  await withShortName(folder, `${stateSocket}.new`, async (path) => listen(server, path));
  try {
    await chmod(join(folder, `${stateSocket}.new`), 0o600);
    await rename(join(folder, `${stateSocket}.new`), join(folder, stateSocket));
    await act(`unix:${inside.run}/${stateSocket}`);
    if (copied === undefined) target.end();
    await (copied ?? finished(target));
  } finally {
    server.close();
  }
}

async function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, backlog: 1 }, resolve);
  });
}
