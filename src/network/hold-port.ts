import { createSocket } from 'node:dgram';
import { createServer, isIPv6 } from 'node:net';
import { carryConnection, type Target } from './carry-connection.js';
import type { PublishedPort } from './types.js';

/** A socket of ours that keeps a port of the host from everybody else. */
export interface HeldPort {
  /** Callers that the firewall does not redirect, those of `::1`, reach this address from now on. Over TCP alone. */
  lead(host: string): void;
  close(): void;
}

/** Why a port cannot be had, in the kernel's own word: EADDRINUSE. */
export type KernelRefusal = string;

export async function holdPort(port: PublishedPort): Promise<HeldPort | KernelRefusal> {
  return new Promise((resolve) => {
    const refuse = (error: unknown): void => {
      resolve(error instanceof Error && 'code' in error ? String(error.code) : String(error));
    };
    const settle = (held: HeldPort): void => resolve(held);
    (port.protocol === 'udp' ? holdUdp : holdTcp)(port, settle, refuse);
  });
}

type Hold = (port: PublishedPort, settle: (held: HeldPort) => void, refuse: (error: unknown) => void) => void;

const holdUdp: Hold = ({ hostIp, hostPort }, settle, refuse) => {
  const socket = createSocket({ type: isIPv6(hostIp) ? 'udp6' : 'udp4', ipv6Only: isIPv6(hostIp) });
  socket.once('error', (error) => {
    socket.close();
    refuse(error);
  });
  socket.bind({ address: hostIp, port: hostPort, exclusive: true }, () => {
    socket.unref();
    settle({ lead: () => undefined, close: () => socket.close() });
  });
};

const holdTcp: Hold = ({ hostIp, hostPort, containerPort }, settle, refuse) => {
  let target: Target | undefined;
  const server = createServer({ allowHalfOpen: true }, (caller) => {
    if (target === undefined) caller.destroy();
    else carryConnection(caller, target);
  });
  server.once('error', refuse);
  server.listen({ host: hostIp, port: hostPort, ipv6Only: isIPv6(hostIp), exclusive: true }, () => {
    server.unref();
    settle({
      lead: (host) => {
        target = { host, port: containerPort };
      },
      close: () => {
        server.close();
      },
    });
  });
};
