import { randomBytes } from 'node:crypto';
import type { SandboxMount, SandboxNetwork } from '../runtime/index.js';

export interface BeginInput {
  readonly hostname: string;
  readonly network: SandboxNetwork;
  /** The container's card, when its network has one. */
  readonly card?: NetworkCard | undefined;
  /** Count of the image's layers in `/layer/lower`. */
  readonly lowers: number;
  readonly mounts: readonly (SandboxMount & { readonly isFile: boolean })[];
}

export interface NetworkCard {
  readonly hardware: string;
  /** `A.B.C.D/N` */
  readonly address: string;
  readonly mtu: number;
  readonly gateway?: string | undefined;
  /** The same of IPv6. */
  readonly address6?: string | undefined;
  readonly gateway6?: string | undefined;
}

/** The first request to a copy of a template: all that must differ between two copies. Read by guest/vm (begin). */
export function beginRequest(input: BeginInput): readonly string[] {
  const { card } = input;
  return [
    'begin',
    `seed=${randomBytes(64).toString('hex')}`,
    `machine=${randomBytes(16).toString('hex')}\n`,
    `hostname=${input.hostname}`,
    `hosts=${hostsFile(input)}`,
    `resolver=${resolverFile(input.network)}`,
    ...(card === undefined ? [] : [`hardware=${card.hardware}`, `address=${card.address}`, `mtu=${String(card.mtu)}`]),
    ...optional('gateway', card?.gateway),
    ...optional('address6', card?.address6),
    ...optional('gateway6', card?.gateway6),
    `lowers=${String(input.lowers)}`,
    ...input.mounts.map(({ target, readOnly, isFile }, index) => {
      const access = readOnly ? 'ro' : 'rw';
      return `mount=${String(index)}:${access}:${isFile ? 'file' : 'folder'}:${target}`;
    }),
    // Last, so that it is the latest: nothing takes as long as the text above.
    timeArgument(),
  ];
}

function optional(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${name}=${value}`];
}

/** Nanoseconds since 1970. */
export function timeArgument(): string {
  return `time=${String(BigInt(Date.now()) * 1_000_000n)}`;
}

function hostsFile({ hostname, network }: BeginInput): string {
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
