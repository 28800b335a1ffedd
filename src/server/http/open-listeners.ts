import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { TlsOptions } from 'node:tls';
import { describeError, WindowboxError } from '../../errors/index.js';
import { listenOnPort, listenOnSocket } from './listen.js';
import { createNodeServer, type NodeServerOptions } from './node-server.js';

/** Where the API listens: Docker's `unix:///path` and `tcp://address:port`. */
export type ListenAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

export interface ListenerOptions extends Omit<NodeServerOptions, 'tls'> {
  /** PEM files; all three, or TCP is refused. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string } | undefined;
  /** TCP without TLS: whoever reaches the port is root on this machine. */
  readonly allowPlainTcp: boolean;
  /** Of unix sockets; default: `windowbox`. */
  readonly group?: string | undefined;
}

/** @throws WindowboxError `invalid-argument`. */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith('unix:///')) return { kind: 'unix', path: text.slice('unix://'.length) };
  const [, host, port] = /^tcp:\/\/([^:/]+|\[[0-9a-f:]+\]):(\d{1,5})$/iu.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new WindowboxError(
      'invalid-argument',
      `Cannot listen on "${text}": not of the form unix:///path or tcp://address:port`,
    );
  return { kind: 'tcp', host: host.replaceAll(/[[\]]/gu, ''), port: Number(port) };
}

/**
 * Listens on every address, or on none.
 *
 * @throws WindowboxError `invalid-argument` for TCP without client certificates, `already-exists`, `unavailable`.
 */
export async function openListeners(
  addresses: readonly string[],
  options: ListenerOptions,
): Promise<readonly Server[]> {
  const parsed = addresses.map((address) => ({ address, where: parseListenAddress(address) }));
  const tls = await readTls(options);
  const servers: Server[] = [];
  try {
    for (const { address, where } of parsed) servers.push(await openOne(address, where, { ...options, tls }));
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
  return servers;
}

async function openOne(
  address: string,
  where: ListenAddress,
  options: Omit<ListenerOptions, 'tls'> & { readonly tls: TlsOptions | undefined },
): Promise<Server> {
  const { app, metrics, log, tls } = options;
  if (where.kind === 'unix') {
    const server = createNodeServer({ app, metrics, log });
    await listenOnSocket(server, where.path, options.group);
    return server;
  }
  if (tls === undefined) warnOrRefuse(address, options);
  const server = createNodeServer({ app, metrics, log, ...(tls === undefined ? {} : { tls }) });
  await listenOnPort(server, where);
  return server;
}

function warnOrRefuse(address: string, { allowPlainTcp, log }: Pick<ListenerOptions, 'allowPlainTcp' | 'log'>): void {
  if (!allowPlainTcp)
    throw new WindowboxError(
      'invalid-argument',
      `Cannot listen on "${address}": TCP needs TLS with client certificates`,
      {
        hint: 'Set "tlsverify", "tlscacert", "tlscert" and "tlskey" in daemon.json, or reach the socket by ssh://.',
      },
    );
  log({
    level: 'warn',
    message: `Listening on ${address} WITHOUT TLS: whoever reaches this port is root on this machine`,
  });
}

async function readTls({ tls }: ListenerOptions): Promise<TlsOptions | undefined> {
  if (tls === undefined) return undefined;
  const [ca, cert, key] = await Promise.all([tls.ca, tls.cert, tls.key].map(readPem));
  return { ca, cert, key, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' };
}

async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new WindowboxError('invalid-argument', `Cannot read "${path}": ${describeError(cause)}`, { cause });
  }
}
