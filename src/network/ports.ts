import { isIPv6 } from 'node:net';
import { WindowboxError } from '../errors/index.js';
import { type HeldPort, holdPort, type KernelRefusal } from './hold-port.js';
import type { PortRequest, PublishedPort } from './types.js';

/**
 * Ports of the host that are published. Each is also held by a socket of ours that nobody connects to but callers of `::1` (the firewall
 * redirects before it), so that no other program takes it, and one that has it already is found out.
 */
export interface PortHolder {
  /**
   * The same port of each of these addresses of the host.
   *
   * @throws WindowboxError `conflict`: "Bind for 0.0.0.0:8080 failed: port is already allocated" for a container's port, "failed to bind
   * host port 0.0.0.0:8080/tcp: address already in use" (or "cannot assign requested address") for what the host refuses; `resource-exhausted`:
   * "all ports are allocated" for a range.
   */
  take(request: PortRequest, hostIps: readonly string[]): Promise<readonly PublishedPort[]>;
  /** After a restart of the daemon: takes what a running container has, whether it can be held or not. */
  retake(port: PublishedPort): Promise<void>;
  /** Whom those reach who call the port at an address that the firewall does not redirect: `::1`. */
  lead(port: PublishedPort, host: string): void;
  give(port: PublishedPort): void;
  close(): void;
}

/** Docker gives ephemeral ports from the range of the kernel; ours end below Windows' own dynamic ports. */
const ephemeral = { from: 32_768, to: 60_999 };

export function createPortHolder(): PortHolder {
  const held = new Map<string, HeldPort>();
  const give = (port: PublishedPort): void => {
    held.get(keyOf(port))?.close();
    held.delete(keyOf(port));
  };
  const tryAll = createTaker(held, give);
  let next = ephemeral.from;
  const takeEphemeral = async (request: PortRequest, hostIps: readonly string[]): Promise<readonly PublishedPort[]> => {
    for (let attempt = ephemeral.from; attempt <= ephemeral.to; attempt += 1) {
      const ports = published(request, hostIps, next);
      next = next === ephemeral.to ? ephemeral.from : next + 1;
      const refusal = await tryAll(ports);
      if (refusal === undefined) return ports;
      if (refusal.refusal === 'EADDRNOTAVAIL') throw refused(refusal);
    }
    throw noneLeft();
  };
  return {
    take: async (request, hostIps) =>
      request.from === 0 ? takeEphemeral(request, hostIps) : takeOfRange(request, hostIps, tryAll),
    retake: async (port) => {
      if (held.has(keyOf(port))) return;
      const result = await holdPort(port);
      held.set(keyOf(port), typeof result === 'string' ? reserved : result);
    },
    lead: (port, host) => held.get(keyOf(port))?.lead(host),
    give,
    close: () => {
      for (const port of held.values()) port.close();
      held.clear();
    },
  };
}

/** Ours by our own book alone. */
const reserved: HeldPort = { lead: () => undefined, close: () => undefined };

/** Takes all of these, or none: who was refused, and why. */
type Taker = (ports: readonly PublishedPort[]) => Promise<Refused | undefined>;

function createTaker(held: Map<string, HeldPort>, give: (port: PublishedPort) => void): Taker {
  const tryTake = async (port: PublishedPort): Promise<Refusal | undefined> => {
    if (conflicts(held, port)) return 'allocated';
    // Reserved before the first wait, so that two requests at once do not both get it.
    held.set(keyOf(port), reserved);
    const result = await holdPort(port);
    if (typeof result === 'string') held.delete(keyOf(port));
    else held.set(keyOf(port), result);
    return typeof result === 'string' ? result : undefined;
  };
  return async (ports) => {
    for (const [index, port] of ports.entries()) {
      const refusal = await tryTake(port);
      if (refusal === undefined) continue;
      for (const taken of ports.slice(0, index)) give(taken);
      return { port, refusal };
    }
    return undefined;
  };
}

async function takeOfRange(
  request: PortRequest,
  hostIps: readonly string[],
  tryAll: Taker,
): Promise<readonly PublishedPort[]> {
  let first: Refused | undefined;
  for (let number = request.from; number <= request.to; number += 1) {
    const ports = published(request, hostIps, number);
    const refusal = await tryAll(ports);
    if (refusal === undefined) return ports;
    first ??= refusal;
  }
  if (first === undefined || (request.from < request.to && first.refusal === 'allocated')) throw noneLeft();
  throw refused(first);
}

function published(
  { protocol, containerPort }: PortRequest,
  hostIps: readonly string[],
  hostPort: number,
): readonly PublishedPort[] {
  return hostIps.map((hostIp) => ({ protocol, containerPort, hostIp, hostPort }));
}

/** Every address and one address of the same port exclude each other, in each of the two worlds for itself. */
function conflicts(held: ReadonlyMap<string, unknown>, port: PublishedPort): boolean {
  const every = everyAddress(port);
  if (port.hostIp !== every) return held.has(keyOf(port)) || held.has(keyOf({ ...port, hostIp: every }));
  return [...held.keys()].some((key) => key.startsWith(`${groupOf(port)} `));
}

function everyAddress({ hostIp }: PublishedPort): string {
  return isIPv6(hostIp) ? '::' : '0.0.0.0';
}

function groupOf(port: PublishedPort): string {
  return `${everyAddress(port)} ${port.protocol} ${String(port.hostPort)}`;
}

function keyOf(port: PublishedPort): string {
  return `${groupOf(port)} ${port.hostIp}`;
}

/** Why a port cannot be had: another container's, or the kernel's own word. */
type Refusal = KernelRefusal;

const kernelWords: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
};

function noneLeft(): WindowboxError {
  return new WindowboxError('resource-exhausted', 'all ports are allocated', {
    hint: 'Containers have every port of that range. See "windowbox ps".',
  });
}

interface Refused {
  readonly port: PublishedPort;
  readonly refusal: Refusal;
}

function refused({ port: { hostIp, hostPort, protocol }, refusal }: Refused): WindowboxError {
  const address = `${isIPv6(hostIp) ? `[${hostIp}]` : hostIp}:${String(hostPort)}`;
  if (refusal === 'allocated')
    return new WindowboxError('conflict', `Bind for ${address} failed: port is already allocated`, {
      hint: 'Another container has that port. See "windowbox ps", or choose another one.',
    });
  return new WindowboxError(
    'conflict',
    `failed to bind host port ${address}/${protocol}: ${kernelWords[refusal] ?? refusal}`,
    { hint: 'A program of this host has that port, or the host does not have that address. Choose another one.' },
  );
}
