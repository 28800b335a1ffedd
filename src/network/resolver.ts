import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { createServer, connect as connectTcp, type Server } from 'node:net';
import { type Answer, decode, encode, type Packet, streamEncode } from 'dns-packet';

/** What a container's question is answered from. */
export interface ResolverView {
  /** Addresses of a name as the container at `asker` sees it; undefined: not a name of ours. */
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

const port = 53;
const forwardTimeoutMs = 3000;
/** Questions under way at once; more are answered with SERVFAIL, so that a container cannot fill our memory. */
const maxUnderWay = 512;

/** The embedded name server: container names and aliases of the asker's networks; anything else goes to the host's servers. */
export function createResolver(view: ResolverView): Resolver {
  const listeners = new Map<string, { readonly udp: Socket; readonly tcp: Server }>();
  const answer = createAnswerer(view);
  return {
    listen: async (gateway) => {
      if (listeners.has(gateway)) return;
      const udp = await listenUdp(gateway, answer);
      const tcp = await listenTcp(gateway, answer);
      listeners.set(gateway, { udp, tcp });
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

type Answerer = (question: Buffer, asker: string) => Promise<Packet | Buffer | undefined>;

/** A packet of our own, or the bytes that a server of the host answered; undefined for what is no question. */
function createAnswerer(view: ResolverView): Answerer {
  let underWay = 0;
  return async (bytes, asker) => {
    const query = tryDecode(bytes);
    const [question] = query?.questions ?? [];
    if (query === undefined || query.type !== 'query' || question === undefined) return undefined;
    const own = ownAnswers(view, asker, question);
    if (own !== undefined) return reply(query, own);
    if (underWay >= maxUnderWay) return failure(query);
    underWay += 1;
    try {
      return (await forward(bytes, await upstream(view, asker))) ?? failure(query);
    } finally {
      underWay -= 1;
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
    const address = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/u.exec(name)?.slice(1).toReversed().join('.');
    const found = address === undefined ? undefined : view.lookUpAddress(asker, address);
    return found === undefined ? undefined : [{ type: 'PTR', name, ttl: 60, data: found }];
  }
  const addresses = view.lookUp(asker, name.toLowerCase().replace(/\.$/u, ''));
  if (addresses === undefined) return undefined;
  // A name that is ours and has no address of the kind asked for is answered with nothing, not forwarded.
  return question.type === 'A' ? addresses.map((data) => ({ type: 'A', name, ttl: 60, data })) : [];
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

/** Asks one server after the other, over UDP and, when the answer was cut, over TCP. */
async function forward(question: Buffer, servers: readonly string[]): Promise<Buffer | undefined> {
  for (const server of servers) {
    const answer = await ask(question, server);
    if (answer === undefined) continue;
    const isCut = ((answer[2] ?? 0) & 0x02) !== 0;
    return isCut ? ((await askByTcp(question, server)) ?? answer) : answer;
  }
  return undefined;
}

async function ask(question: Buffer, server: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const settle = (answer: Buffer | undefined): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(settle, forwardTimeoutMs, undefined);
    socket.on('error', () => settle(undefined));
    socket.on('message', (message, from) => {
      if (from.address === server && from.port === port && message.readUInt16BE(0) === question.readUInt16BE(0))
        settle(message);
    });
    socket.send(question, port, server);
  });
}

async function askByTcp(question: Buffer, server: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, server);
    const parts: Buffer[] = [];
    socket.setTimeout(forwardTimeoutMs, () => socket.destroy());
    socket.on('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(question.length);
      socket.write(Buffer.concat([length, question]));
    });
    socket.on('data', (chunk) => {
      parts.push(chunk);
      const all = Buffer.concat(parts);
      if (all.length < 2 || all.length < 2 + all.readUInt16BE(0)) return;
      resolve(all.subarray(2, 2 + all.readUInt16BE(0)));
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(undefined));
  });
}

async function listenUdp(gateway: string, answer: Answerer): Promise<Socket> {
  const socket = createSocket('udp4');
  const serve = async (message: Buffer, from: RemoteInfo): Promise<void> => {
    const result = await answer(message, from.address);
    if (result !== undefined) socket.send(Buffer.isBuffer(result) ? result : encode(result), from.port, from.address);
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
        void answer(question, socket.remoteAddress ?? '').then((result) => {
          if (result !== undefined && !socket.destroyed)
            socket.write(Buffer.isBuffer(result) ? framed(result) : streamEncode(result));
        });
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

function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
