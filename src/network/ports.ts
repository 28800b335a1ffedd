import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { WindowboxError } from '../errors/index.js';
import type { PortRequest, PublishedPort } from './types.js';

/**
 * Ports of the host that are published. Each is also held by a socket of ours that nobody ever connects to (the firewall redirects before
 * it), so that no other program takes it, and one that has it already is found out.
 */
export interface PortHolder {
  /** @throws WindowboxError `conflict` "Bind for 0.0.0.0:8080 failed: port is already allocated". */
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
  const tryTake = async (port: PublishedPort): Promise<boolean> => {
    if (conflicts(held, port)) return false;
    const close = await hold(port);
    if (close === undefined) return false;
    held.set(keyOf(port), close);
    return true;
  };
  const takeEphemeral = async (request: PortRequest): Promise<PublishedPort> => {
    for (let attempt = ephemeral.from; attempt <= ephemeral.to; attempt += 1) {
      const port = published(request, next);
      next = next === ephemeral.to ? ephemeral.from : next + 1;
      if (await tryTake(port)) return port;
    }
    throw new WindowboxError('resource-exhausted', 'all ports are allocated');
  };
  return {
    take: async (request) => {
      if (request.from === 0) return takeEphemeral(request);
      for (let number = request.from; number <= request.to; number += 1) {
        const port = published(request, number);
        if (await tryTake(port)) return port;
      }
      throw new WindowboxError(
        'conflict',
        `Bind for ${request.hostIp === '' ? '0.0.0.0' : request.hostIp}:${String(request.from)} failed: port is already allocated`,
        { hint: 'Another container or program of this host has that port. See "windowbox ps", or choose another one.' },
      );
    },
    retake: async (port) => {
      if (!held.has(keyOf(port))) held.set(keyOf(port), (await hold(port)) ?? (() => undefined));
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

async function hold(port: PublishedPort): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    if (port.protocol === 'udp') {
      const socket = createSocket('udp4');
      socket.once('error', () => {
        socket.close();
        resolve(undefined);
      });
      socket.bind({ address: port.hostIp, port: port.hostPort, exclusive: true }, () => {
        socket.unref();
        resolve(() => socket.close());
      });
      return;
    }
    const server = createServer((connection) => connection.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ host: port.hostIp, port: port.hostPort, exclusive: true, backlog: 1 }, () => {
      server.unref();
      resolve(() => {
        server.close();
      });
    });
  });
}
