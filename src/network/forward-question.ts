import { createSocket } from 'node:dgram';
import { connect as connectTcp } from 'node:net';

export const port = 53;
const headerLength = 12;
const timeoutMs = 3000;

export interface Asked {
  readonly bytes: Buffer;
  readonly asker: string;
  readonly transport: 'udp' | 'tcp';
}

/** Asks one server after the other. A cut answer goes to an asker over UDP as it is; that one comes again over TCP and gets the whole. */
export async function forward({ bytes, transport }: Asked, servers: readonly string[]): Promise<Buffer | undefined> {
  for (const server of servers) {
    const answer = await ask(bytes, server);
    if (answer === undefined) continue;
    const isCut = ((answer[2] ?? 0) & 0x02) !== 0;
    return isCut && transport === 'tcp' ? ((await askByTcp(bytes, server)) ?? answer) : answer;
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
    const timer = setTimeout(settle, timeoutMs, undefined);
    socket.on('error', () => settle(undefined));
    socket.on('message', (message, from) => {
      const isAnswer = message.length >= headerLength && message.readUInt16BE(0) === question.readUInt16BE(0);
      if (from.address === server && from.port === port && isAnswer) settle(message);
    });
    socket.send(question, port, server);
  });
}

async function askByTcp(question: Buffer, server: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, server);
    const parts: Buffer[] = [];
    socket.setTimeout(timeoutMs, () => socket.destroy());
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

/** As over TCP: two bytes of length before it. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
