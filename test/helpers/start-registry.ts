import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasProgram } from './run-client.js';

export interface TestRegistry {
  /** `ADDRESS:PORT`. */
  readonly host: string;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /** Lines of an htpasswd file: the registry asks for a login. */
  readonly htpasswd?: string;
  /** The registry sends for tokens, and checks them with the certificate. */
  readonly token?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly rootcertbundle: string;
  };
  /** PEM files: the registry speaks TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Where it listens and how it is called; default `127.0.0.1`, with which anything is allowed. */
  readonly address?: string;
}

/** Why tests with a registry are left out, as the test runner takes it; false: they are not. */
export const noRegistry: string | false = hasProgram('docker-registry')
  ? false
  : 'docker-registry is not installed (Debian: docker-registry)';

/** A test that needs a registry: without one it is left out, with the reason. */
export function registryTest(name: string, run: () => Promise<void>): void {
  // The runner keeps what it returns: nobody else waits for it.
  void test(name, { skip: noRegistry }, run);
}

/** Two registries for the tests of one file, which run from before the first to after the last; without `docker-registry` there are none. */
export function registryPair(): {
  readonly registry: { readonly host: string };
  readonly microsoft: { readonly host: string };
} {
  const started: TestRegistry[] = [];
  before(async () => {
    if (noRegistry === false) started.push(await startRegistry(), await startRegistry());
  });
  after(async () => {
    for (const registry of started) await registry.stop();
  });
  const at = (index: number): { readonly host: string } => ({
    get host() {
      return started[index]?.host ?? '';
    },
  });
  return { registry: at(0), microsoft: at(1) };
}

/** Starts Debian's `docker-registry` on a free port of this machine, with an empty store. */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'windowbox-registry-'));
  const { address = '127.0.0.1' } = options;
  const port = await freePort(address);
  const password = join(folder, 'htpasswd');
  writeFileSync(password, options.htpasswd ?? '');
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: `${address}:${String(port)}`, ...(options.tls ? { tls: options.tls } : {}) },
    ...(options.htpasswd === undefined ? {} : { auth: { htpasswd: { realm: 'test', path: password } } }),
    ...(options.token ? { auth: { token: options.token } } : {}),
  };
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => {
      resolve();
    });
  });
  await Promise.race([
    waitForPort(address, port),
    ended.then(() => Promise.reject(new Error('docker-registry ended at once'))),
  ]);
  return {
    host: `${address}:${String(port)}`,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

async function freePort(address: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, address, resolve);
  });
  const bound = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return bound.port;
}

async function waitForPort(address: string, port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, address);
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    if (open) return;
    await sleep(50);
  }
  throw new Error(`no answer on port ${String(port)}`);
}
