import { randomBytes } from 'node:crypto';
import type { SandboxMount, SandboxNetwork } from '../runtime/index.js';
import type { CardGateway, VmNetwork } from './network-cards.js';

export interface NetworkInput {
  readonly hostname: string;
  readonly network: SandboxNetwork;
  /** What the VM has of it; undefined without a network. */
  readonly vmNetwork: VmNetwork | undefined;
}

export interface BeginInput extends NetworkInput {
  /** Count of the image's layers in `/layer/lower`. */
  readonly lowers: number;
  readonly mounts: readonly (SandboxMount & { readonly isFile: boolean })[];
}

/** The first request to a copy of a template: all that must differ between two copies. Read by guest/vm (begin). */
export function beginRequest(input: BeginInput): readonly string[] {
  return [
    'begin',
    `seed=${randomBytes(64).toString('hex')}`,
    `machine=${randomBytes(16).toString('hex')}\n`,
    `hostname=${input.hostname}`,
    ...networkArguments(input),
    `lowers=${String(input.lowers)}`,
    ...input.mounts.map(({ target, readOnly, isFile }, index) => {
      const access = readOnly ? 'ro' : 'rw';
      return `mount=${String(index)}:${access}:${isFile ? 'file' : 'folder'}:${target}`;
    }),
    // Last, so that it is the latest: nothing takes as long as the text above.
    timeArgument(),
  ];
}

/** The networks of a container have changed: all of them as they are now. */
export function networkRequest(input: NetworkInput): readonly string[] {
  return ['network', ...networkArguments(input)];
}

/** Read by guest/vm/network.c and cards.c. */
function networkArguments({ hostname, network, vmNetwork }: NetworkInput): readonly string[] {
  const { cards = [], gateway, gateway6 } = vmNetwork ?? {};
  return [
    `hosts=${hostsFile(hostname, network)}`,
    `resolver=${resolverFile(network)}`,
    ...cards.map(({ index, hardware, mtu, address, address6 }) =>
      ['card=' + String(index), hardware, String(mtu), address, ...(address6 === undefined ? [] : [address6])].join(
        ' ',
      ),
    ),
    ...gatewayArgument('gateway', gateway),
    ...gatewayArgument('gateway6', gateway6),
  ];
}

function gatewayArgument(name: string, gateway: CardGateway | undefined): readonly string[] {
  return gateway === undefined ? [] : [`${name}=${String(gateway.card)} ${gateway.address}`];
}

/** Nanoseconds since 1970. */
export function timeArgument(): string {
  return `time=${String(BigInt(Date.now()) * 1_000_000n)}`;
}

function hostsFile(hostname: string, network: SandboxNetwork): string {
  const named = network.mode === 'namespace' ? network.hosts : [];
  const own = named.some(({ name }) => name === hostname) ? [] : [`127.0.1.1\t${hostname}`];
  const lines = [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost',
    ...own,
    ...named.map((host) => `${host.address}\t${host.name}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function resolverFile(network: SandboxNetwork): string {
  if (network.mode === 'none') return '';
  const { servers, search } = network.dns;
  const lines = [
    ...servers.map((server) => `nameserver ${server}`),
    ...(search.length > 0 ? [`search ${search.join(' ')}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
