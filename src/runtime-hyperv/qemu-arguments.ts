import type { Accelerator } from './hyperv-runtime-options.js';
import { cardCount, hardwareOf } from './network-cards.js';
import { machineMemory, type VmSize } from './vm-size.js';

/** Names in a VM's folder; the sockets are QEMU's, seen from inside its own root as `/run/...`. */
export const vmSockets = { qmp: 'qmp', agent: 'agent', control: 'control', files: 'files' } as const;

/** Numbers of the ports: VM_PORT_... of guest/vm/control.h. */
const ports = [
  { number: 1, name: vmSockets.agent },
  { number: 2, name: vmSockets.control },
  { number: 3, name: vmSockets.files },
] as const;

/** What makes two VMs the same machine: a template fits only a VM of the same shape. */
export interface MachineShape {
  readonly accelerator: Accelerator;
  readonly size: VmSize;
  /** How many base images, topmost first. */
  readonly bases: number;
}

export interface MachineFiles {
  readonly kernel: string;
  readonly initialRoot: string;
  readonly memory: string;
  readonly rootImage: string;
  /** Topmost first. */
  readonly baseImages: readonly string[];
  readonly disk: string;
}

/** Descriptor that `vm-launch` opens the first tap as. */
const firstTap = 4;

/** Folders in QEMU's own root. */
export const inside = { run: '/run', layer: '/layer', shares: '/shares', disk: '/disk' } as const;

/**
 * QEMU's command line. `start`: a template's first boot writes its memory file, a copy maps it privately and waits for the saved
 * state on descriptor 3. The taps of the network cards are
 * descriptors 4 and on. The reasons for each setting: docs/decisions, the utility VM.
 */
export function qemuArguments(
  shape: MachineShape,
  files: MachineFiles,
  options: { readonly start: 'boot' | 'restore'; readonly network: boolean },
): readonly string[] {
  const size = `${String(machineMemory(shape.size.memory))}M`;
  const share = options.start === 'boot' ? 'on' : 'off';
  return [
    '-name',
    'windowbox',
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    ...flag('-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'),
    ...flag('-machine', 'microvm,memory-backend=memory,acpi=on,pcie=off,rtc=on'),
    ...processorArguments(shape.accelerator, shape.size.processors),
    ...flag('-m', size),
    ...flag('-object', `memory-backend-file,id=memory,size=${size},mem-path=${quote(files.memory)},share=${share}`),
    ...flag('-kernel', files.kernel),
    ...flag('-initrd', files.initialRoot),
    ...flag('-append', kernelCommandLine(shape.accelerator)),
    ...flag('-action', 'reboot=shutdown,shutdown=pause'),
    ...flag('-chardev', 'ringbuf,id=console,size=65536'),
    ...flag('-serial', 'chardev:console'),
    ...flag('-qmp', `unix:${inside.run}/${vmSockets.qmp},server=on,wait=off`),
    ...portArguments(),
    ...drive('root', files.rootImage, true),
    ...files.baseImages.flatMap((image, index) => drive(`base${String(index)}`, image, true)),
    ...drive('disk', files.disk, false),
    ...hostFolder('layer', inside.layer),
    ...hostFolder('shares', inside.shares),
    ...networkArguments(options.network),
    ...(options.start === 'restore' ? flag('-incoming', 'defer') : []),
  ];
}

/** SMAP off: QEMU 7.2 emulates it wrongly where Wine returns from a signal. One thread: two are six times slower. */
function processorArguments(accelerator: Accelerator, processors: number): readonly string[] {
  const [machine, model] =
    accelerator === 'kvm' ? ['kvm', 'host'] : ['tcg,thread=single', 'max,smap=off,pku=off,la57=off'];
  return [...flag('-accel', machine), ...flag('-cpu', model), ...flag('-smp', String(processors))];
}

/** The time stamp's frequency is given: on a busy host the kernel's own measurement fails, and without it no timer runs. */
function kernelCommandLine(accelerator: Accelerator): string {
  const common =
    'console=ttyS0 panic=-1 sysctl.kernel.panic_on_unrecovered_nmi=1 quiet no_timer_check random.trust_cpu=off';
  const emulated = 'tsc_early_khz=@TSC@ tsc=reliable mitigations=off nopti';
  return accelerator === 'kvm' ? common : `${common} ${emulated}`;
}

function portArguments(): readonly string[] {
  const bus = flag('-device', 'virtio-serial-device,max_ports=4');
  return [
    ...bus,
    ...ports.flatMap(({ number, name }) => [
      ...flag('-chardev', `socket,id=${name},path=${inside.run}/${name},server=on,wait=off`),
      ...flag('-device', `virtserialport,chardev=${name},nr=${String(number)},name=${name}`),
    ]),
  ];
}

function drive(name: string, file: string, readOnly: boolean): readonly string[] {
  const access = readOnly ? 'readonly=on' : 'discard=unmap';
  return [
    ...flag('-drive', `id=${name},file=${quote(file)},format=raw,if=none,file.locking=off,${access}`),
    ...flag('-device', `virtio-blk-device,drive=${name},serial=${name}`),
  ];
}

/** QEMU's own file server: it works on the private memory of a copy, where virtio-fs needs shared memory. */
function hostFolder(tag: string, path: string): readonly string[] {
  return [
    ...flag('-fsdev', `local,id=${tag},path=${path},security_model=none,multidevs=remap`),
    ...flag('-device', `virtio-9p-device,fsdev=${tag},mount_tag=${tag}`),
  ];
}

/** All cards that there can be are there from the template on: this machine takes no new ones. The guest drives those that are connected. */
function networkArguments(connected: boolean): readonly string[] {
  return Array.from({ length: cardCount }, (_, index) => {
    const name = `card${String(index)}`;
    const device = `virtio-net-device,mac=${hardwareOf(index)}`;
    if (!connected) return flag('-device', device);
    return [
      ...flag('-netdev', `tap,id=${name},fd=${String(firstTap + index)}`),
      ...flag('-device', `${device},netdev=${name}`),
    ];
  }).flat();
}

function flag(name: string, value: string): readonly string[] {
  return [name, value];
}

/** A comma ends a QEMU option; two stand for one. */
function quote(path: string): string {
  return path.replaceAll(',', ',,');
}
