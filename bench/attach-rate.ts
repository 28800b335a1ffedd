import { request } from 'node:http';
import type { Socket } from 'node:net';

export interface AttachedProgram {
  /** Of the daemon. */
  readonly socket: string;
  readonly image: string;
  readonly command: readonly string[];
  /** `source:target`. */
  readonly binds: readonly string[];
}

/** Megabytes a second that a client attached to a container gets of its output, from the first byte to the last. */
export async function attachRate(program: AttachedProgram, expected: number): Promise<number> {
  const body = { Image: program.image, Cmd: program.command, HostConfig: { Binds: program.binds } };
  const { Id: id } = JSON.parse(await post(program.socket, '/containers/create', body)) as { readonly Id: string };
  const stream = await attach(program.socket, id);
  let bytes = 0;
  let first = 0;
  const over = new Promise<void>((resolve, reject) => {
    stream.once('data', () => (first = performance.now()));
    stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
    stream.once('end', resolve).once('error', reject);
  });
  await post(program.socket, `/containers/${id}/start`);
  await over;
  const seconds = (performance.now() - first) / 1000;
  stream.destroy();
  await ask(program.socket, 'DELETE', `/containers/${id}?force=1`);
  if (bytes < expected) throw new Error(`${String(bytes)} bytes came of ${String(expected)}`);
  return bytes / 1e6 / seconds;
}

function attach(socketPath: string, id: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const headers = { Connection: 'Upgrade', Upgrade: 'tcp' };
    const path = `/containers/${id}/attach?stream=1&stdout=1&stderr=1`;
    request({ socketPath, method: 'POST', path, headers })
      .once('upgrade', (_response, socket: Socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      })
      .once('response', (response) => {
        reject(new Error(`attach: ${String(response.statusCode)}`));
      })
      .once('error', reject)
      .end();
  });
}

function post(socket: string, path: string, body?: unknown): Promise<string> {
  return ask(socket, 'POST', path, body === undefined ? undefined : JSON.stringify(body));
}

function ask(socketPath: string, method: string, path: string, body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    request({ socketPath, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve(text);
        else reject(new Error(`${method} ${path}: ${text}`));
      });
    })
      .on('error', reject)
      .end(body);
  });
}
