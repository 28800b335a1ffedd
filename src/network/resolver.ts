import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { createServer, isIPv6, type Server } from 'node:net';
import { type Answer, decode, encode, type Packet } from 'dns-packet';
import { isErrno, WindowboxError } from '../errors/index.js';
import { formatAddress6 } from './ipv6.js';
import { type Asked, forward, framed, port } from './forward-question.js';

/** What a container's question is answered from. */
export interface ResolverView {
  /** Addresses, of IPv4 and of IPv6, of a name as the container at `asker` sees it; undefined: not a name of ours. */
  lookUp(asker: string, name: string): readonly string[] | undefined;
  /** The name of an address in a network of the asker. */
  lookUpAddress(asker: string, address: string): string | undefined;
  /** Servers for everything else; empty: the host's. */
  serversOf(asker: string): readonly string[];
}

export interface Resolver {
  /** Answers on this gateway's port 53 from now on. Idempotent. */
  listen(gateway: string): Promise<void>;
  unlisten(gateway: string): void;
  close(): void;
}

/** Questions under way at once, in all and of one asker; more are answered with SERVFAIL: nobody fills our memory or starves the others. */
const maxUnderWay = { all: 512, each: 64 };
/** Bytes of answers that a client over TCP may leave unread. */
const maxUnread = 1 << 18;

/** The embedded name server: container names and aliases of the asker's networks; anything else goes to the host's servers. */
export function createResolver(view: ResolverView): Resolver {
  const listeners = new Map<string, { readonly udp: Socket; readonly tcp: Server }>();
  const answer = createAnswerer(view);
  return {
    listen: async (gateway) => {
      if (listeners.has(gateway)) return;
      const udp = await listenUdp(gateway, answer).catch((error: unknown) => Promise.reject(explain(error, gateway)));
      try {
        listeners.set(gateway, { udp, tcp: await listenTcp(gateway, answer) });
      } catch (error) {
        udp.close();
        throw explain(error, gateway);
      }
    },
    unlisten: (gateway) => {
      const listener = listeners.get(gateway);
      listeners.delete(gateway);
      listener?.udp.close();
      listener?.tcp.close();
    },
    close: () => {
      for (const { udp, tcp } of listeners.values()) {
        udp.close();
        tcp.close();
      }
      listeners.clear();
    },
  };
}

type Answerer = (asked: Asked) => Promise<Buffer | undefined>;

/** The bytes of the answer, ours or those of a server of the host; undefined for what is no question. */
function createAnswerer(view: ResolverView): Answerer {
  const underWay = new Map<string, number>();
  let all = 0;
  return async (asked) => {
    const { asker } = asked;
    const query = tryDecode(asked.bytes);
    const [question] = query?.questions ?? [];
    if (query === undefined || query.type !== 'query' || question === undefined) return undefined;
    const own = ownAnswers(view, asker, question);
    if (own !== undefined) return encode(reply(query, own));
    const count = underWay.get(asker) ?? 0;
    if (all >= maxUnderWay.all || count >= maxUnderWay.each) return encode(failure(query));
    all += 1;
    underWay.set(asker, count + 1);
    try {
      return (await forward(asked, await upstream(view, asker))) ?? encode(failure(query));
    } finally {
      all -= 1;
      const left = (underWay.get(asker) ?? 1) - 1;
      if (left === 0) underWay.delete(asker);
      else underWay.set(asker, left);
    }
  };
}

function ownAnswers(
  view: ResolverView,
  asker: string,
  question: { readonly type: string; readonly name: string },
): Answer[] | undefined {
  const { name } = question;
  if (question.type === 'PTR') {
    const address = addressOfPointer(name.toLowerCase());
    const found = address === undefined ? undefined : view.lookUpAddress(asker, address);
    return found === undefined ? undefined : [{ type: 'PTR', name, ttl: 60, data: found }];
  }
  const addresses = view.lookUp(asker, name.toLowerCase().replace(/\.$/u, ''));
  if (addresses === undefined) return undefined;
  // A name that is ours and has no address of the kind asked for is answered with nothing, not forwarded.
  const { type } = question;
  if (type !== 'A' && type !== 'AAAA') return [];
  return addresses.filter((data) => isIPv6(data) === (type === 'AAAA')).map((data) => ({ type, name, ttl: 60, data }));
}

/** `2.0.29.172.in-addr.arpa`, or 32 digits and `ip6.arpa`. */
function addressOfPointer(name: string): string | undefined {
  const four = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/u.exec(name);
  if (four !== null) return four.slice(1).toReversed().join('.');
  const digits = /^((?:[\da-f]\.){32})ip6\.arpa$/u.exec(name)?.[1]?.split('.').toReversed().join('');
  return digits === undefined ? undefined : formatAddress6(BigInt(`0x${digits}`));
}

function reply(query: Packet, answers: Answer[]): Packet {
  return {
    type: 'response',
    id: query.id ?? 0,
    flags: authoritative | recursionAvailable | ((query.flags ?? 0) & recursionDesired),
    questions: query.questions ?? [],
    answers,
  };
}

function failure(query: Packet): Packet {
  return {
    type: 'response',
    id: query.id ?? 0,
    flags: recursionAvailable | serverFailure,
    questions: query.questions ?? [],
  };
}

const authoritative = 1 << 10;
const recursionDesired = 1 << 8;
const recursionAvailable = 1 << 7;
const serverFailure = 2;

function tryDecode(bytes: Buffer): Packet | undefined {
  try {
    return decode(bytes);
  } catch {
    // Whatever a container sends to port 53 that is no DNS is dropped, as name servers do.
    return undefined;
  }
}

async function upstream(view: ResolverView, asker: string): Promise<readonly string[]> {
  const own = view.serversOf(asker);
  if (own.length > 0) return own;
  const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  return [...text.matchAll(/^nameserver\s+([\d.]+)\s*$/gmu)].map(([, address = '']) => address);
}

function explain(error: unknown, gateway: string): unknown {
  if (!isErrno(error, 'EADDRINUSE')) return error;
  return new WindowboxError('conflict', `Cannot answer names on "${gateway}": port 53 of the host is in use`, {
    cause: error,
    hint: 'A name server of this host listens on every address. Let it listen on its own only (dnsmasq: bind-interfaces).',
  });
}

async function listenUdp(gateway: string, answer: Answerer): Promise<Socket> {
  const socket = createSocket('udp4');
  const serve = async (message: Buffer, from: RemoteInfo): Promise<void> => {
    const result = await answer({ bytes: message, asker: from.address, transport: 'udp' });
    if (result !== undefined) socket.send(result, from.port, from.address);
  };
  socket.on('message', (message, from) => {
    // An answer that cannot be sent (the container has gone, the socket is closed) is nobody's loss.
    serve(message, from).catch(() => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: gateway, port, exclusive: true }, () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve();
    });
  });
  return socket;
}

async function listenTcp(gateway: string, answer: Answerer): Promise<Server> {
  const server = createServer((socket) => {
    let pending = Buffer.alloc(0);
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const question = pending.subarray(2, 2 + pending.readUInt16BE(0));
        pending = pending.subarray(2 + question.length);
        answer({ bytes: question, asker: socket.remoteAddress ?? '', transport: 'tcp' }).then(
          (result) => {
            if (result === undefined || socket.writableLength > maxUnread) socket.destroy();
            else if (!socket.destroyed) socket.write(framed(result));
          },
          // A question that cannot be answered ends its connection, not the daemon.
          () => socket.destroy(),
        );
      }
    });
  });
  server.maxConnections = 256;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: gateway, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}
