import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { WindowboxError } from '../errors/index.js';
import type { PortRequest, PublishedPort } from './types.js';

/**
 * Ports of the host that are published. Each is also held by a socket of ours that nobody ever connects to (the firewall redirects before
 * it), so that no other program takes it, and one that has it already is found out.
 */
export interface PortHolder {
  /**
   * @throws WindowboxError `conflict`: "Bind for 0.0.0.0:8080 failed: port is already allocated" for a container's port, "failed to bind
   * host port 0.0.0.0:8080/tcp: address already in use" (or "cannot assign requested address") for what the host refuses; `resource-exhausted`:
   * "all ports are allocated" for a range.
   */
  take(request: PortRequest): Promise<PublishedPort>;
  /** After a restart of the daemon: takes what a running container has, whether it can be held or not. */
  retake(port: PublishedPort): Promise<void>;
  give(port: PublishedPort): void;
  close(): void;
}

/** Docker gives ephemeral ports from the range of the kernel; ours end below Windows' own dynamic ports. */
const ephemeral = { from: 32_768, to: 60_999 };

export function createPortHolder(): PortHolder {
  const held = new Map<string, () => void>();
  let next = ephemeral.from;
  const tryTake = async (port: PublishedPort): Promise<Refusal | undefined> => {
    if (conflicts(held, port)) return 'allocated';
    // Reserved before the first wait, so that two requests at once do not both get it.
    held.set(keyOf(port), () => undefined);
    const result = await hold(port);
    if (typeof result === 'string') held.delete(keyOf(port));
    else held.set(keyOf(port), result);
    return typeof result === 'string' ? result : undefined;
  };
  const takeEphemeral = async (request: PortRequest): Promise<PublishedPort> => {
    for (let attempt = ephemeral.from; attempt <= ephemeral.to; attempt += 1) {
      const port = published(request, next);
      next = next === ephemeral.to ? ephemeral.from : next + 1;
      const refusal = await tryTake(port);
      if (refusal === undefined) return port;
      if (refusal === 'EADDRNOTAVAIL') throw refused(port, refusal);
    }
    throw noneLeft();
  };
  return {
    take: async (request) => {
      if (request.from === 0) return takeEphemeral(request);
      let first: Refusal | undefined;
      for (let number = request.from; number <= request.to; number += 1) {
        const port = published(request, number);
        const refusal = await tryTake(port);
        if (refusal === undefined) return port;
        first ??= refusal;
      }
      if (request.from < request.to && (first ?? 'allocated') === 'allocated') throw noneLeft();
      throw refused(published(request, request.from), first ?? 'allocated');
    },
    retake: async (port) => {
      if (held.has(keyOf(port))) return;
      const result = await hold(port);
      held.set(keyOf(port), typeof result === 'string' ? () => undefined : result);
    },
    give: (port) => {
      held.get(keyOf(port))?.();
      held.delete(keyOf(port));
    },
    close: () => {
      for (const close of held.values()) close();
      held.clear();
    },
  };
}

function published(request: PortRequest, hostPort: number): PublishedPort {
  return {
    protocol: request.protocol,
    containerPort: request.containerPort,
    hostIp: request.hostIp === '' ? '0.0.0.0' : request.hostIp,
    hostPort,
  };
}

/** Every address and one address of the same port exclude each other. */
function conflicts(held: ReadonlyMap<string, unknown>, port: PublishedPort): boolean {
  if (port.hostIp !== '0.0.0.0') return held.has(keyOf(port)) || held.has(keyOf({ ...port, hostIp: '0.0.0.0' }));
  const suffix = `:${port.protocol}:${String(port.hostPort)}`;
  return [...held.keys()].some((key) => key.endsWith(suffix));
}

function keyOf({ hostIp, protocol, hostPort }: PublishedPort): string {
  return `${hostIp}:${protocol}:${String(hostPort)}`;
}

/** Why a port cannot be had: another container's, or the kernel's own word. */
type Refusal = string;

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

function refused({ hostIp, hostPort, protocol }: PublishedPort, refusal: Refusal): WindowboxError {
  if (refusal === 'allocated')
    return new WindowboxError('conflict', `Bind for ${hostIp}:${String(hostPort)} failed: port is already allocated`, {
      hint: 'Another container has that port. See "windowbox ps", or choose another one.',
    });
  return new WindowboxError(
    'conflict',
    `failed to bind host port ${hostIp}:${String(hostPort)}/${protocol}: ${kernelWords[refusal] ?? refusal}`,
    { hint: 'A program of this host has that port, or the host does not have that address. Choose another one.' },
  );
}

/** A socket that keeps the port, as the function that closes it; or the kernel's refusal. */
async function hold(port: PublishedPort): Promise<(() => void) | Refusal> {
  return new Promise((resolve) => {
    const refuse = (error: unknown): void => {
      resolve(error instanceof Error && 'code' in error ? String(error.code) : String(error));
    };
    if (port.protocol === 'udp') {
      const socket = createSocket('udp4');
      socket.once('error', (error) => {
        socket.close();
        refuse(error);
      });
      socket.bind({ address: port.hostIp, port: port.hostPort, exclusive: true }, () => {
        socket.unref();
        resolve(() => socket.close());
      });
      return;
    }
    const server = createServer((connection) => connection.destroy());
    server.once('error', refuse);
    server.listen({ host: port.hostIp, port: port.hostPort, exclusive: true, backlog: 1 }, () => {
      server.unref();
      resolve(() => {
        server.close();
      });
    });
  });
}
