import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { extract, pack } from 'tar-stream';
import { isErrno, WindowboxError } from '../../src/errors/index.js';
import type {
  Isolation,
  ProcessListener,
  ProcessSpec,
  Resources,
  Runtime,
  Sandbox,
  SandboxEnd,
  SandboxFiles,
  SandboxProcess,
  SandboxSpec,
} from '../../src/runtime/index.js';
import { checkProgram, runFake } from './fake-programs.js';

/**
 * A runtime without Windows: the real engine and the real server on top of it answer real Docker clients in milliseconds. What
 * the programs do is played by `fake-programs.ts`; files live in memory.
 */
export function fakeRuntime(isolation: Isolation): Runtime {
  const sandboxes = new Map<string, FakeSandbox>();
  const files = new Map<string, Map<string, Uint8Array>>();
  const filesOf = (id: string): Map<string, Uint8Array> => {
    const found =
      files.get(id) ?? new Map<string, Uint8Array>([['C:\\Windows\\win.ini', Buffer.from('[windows]\r\n')]]);
    files.set(id, found);
    return found;
  };
  return {
    isolation,
    features: {
      seesHostResources: isolation === 'process',
      pause: true,
      updateResources: true,
      copyWhileRunning: true,
      networks: Infinity,
    },
    create: async (spec) => {
      if (typeof spec.network === 'function') await spec.network(undefined);
      await mkdir(join(spec.layer.folder, 'upper'), { recursive: true });
      const sandbox = makeSandbox(spec, () => sandboxes.delete(spec.id));
      sandboxes.set(spec.id, sandbox);
      return sandbox;
    },
    recover: async (id) => sandboxes.get(id),
    purge: async (id) => {
      await sandboxes.get(id)?.stop({ keepLayer: true });
      files.delete(id);
    },
    list: async () => [...sandboxes.keys()],
    openFiles: async (id) => memoryFiles(filesOf(id)),
    expect: () => undefined,
    close: async () => undefined,
  };
}

interface FakeSandbox extends Sandbox {
  resources: Resources;
}

function makeSandbox(spec: SandboxSpec, onEnd: () => void): FakeSandbox {
  const processes = new Set<AbortController>();
  const startedAt = Date.now();
  let sequence = 0;
  let settle: (end: SandboxEnd) => void = () => undefined;
  const ended = new Promise<SandboxEnd>((resolve) => (settle = resolve));
  return {
    id: spec.id,
    layer: spec.layer,
    pid: 4242,
    resources: spec.resources,
    ended,
    start: async (process, listener) => {
      checkProgram(process.command);
      const killed = new AbortController();
      processes.add(killed);
      void killed.signal;
      return startProcess(process, {
        listener,
        killed,
        next: () => (sequence += 1),
        done: () => processes.delete(killed),
      });
    },
    adopt: () => {
      throw new WindowboxError('not-found', 'Cannot adopt: nothing survives in memory');
    },
    pause: async () => undefined,
    resume: async () => undefined,
    update: async (resources) => {
      spec = { ...spec, resources };
    },
    followNetwork: async () => undefined,
    stats: async () => ({
      readAt: Date.now(),
      processCount: processes.size,
      cpuTotal: (Date.now() - startedAt) * 1e4,
      cpuUser: (Date.now() - startedAt) * 6e3,
      cpuKernel: (Date.now() - startedAt) * 4e3,
      memory: 50_000_000,
      memoryPeak: 60_000_000,
      memoryPrivate: 40_000_000,
      storage: { readBytes: 1000, readCount: 1, writeBytes: 2000, writeCount: 2 },
    }),
    ranOutOfMemory: async () => false,
    top: async () => [{ name: 'cmd.exe', pid: 1234, parentPid: 4, cpu: 1_500_000_000, privateMemory: 1_234_000 }],
    stop: async () => {
      for (const killed of processes) killed.abort();
      onEnd();
      settle({ how: 'stopped' });
    },
  };
}

function startProcess(
  spec: ProcessSpec,
  about: { listener: ProcessListener; killed: AbortController; next: () => number; done: () => void },
): SandboxProcess {
  const { listener, killed } = about;
  const input = createInput(killed.signal);
  let exitCode: number | undefined;
  killed.signal.addEventListener('abort', () => {
    if (typeof killed.signal.reason === 'number') exitCode = killed.signal.reason;
  });
  const run = runFake(spec.command, {
    out: async (stream, text) => {
      if (!killed.signal.aborted)
        await listener.onOutput({
          stream: spec.terminal ? 'stdout' : stream,
          data: Buffer.from(text),
          sequence: about.next(),
        });
    },
    input: input.read(),
    env: spec.env,
    cwd: spec.cwd,
    user: spec.user,
    killed: killed.signal,
  });
  // The engine has the process in its hands before the first output or exit, as with a real one.
  void run
    .catch(() => 1)
    .then((code) => {
      about.done();
      listener.onExit(exitCode ?? code, about.next());
    });
  if (!spec.stdin) input.close();
  return {
    number: spec.number,
    pid: 1000 + spec.number,
    write: async (data) => {
      if (spec.terminal) await listener.onOutput({ stream: 'stdout', data, sequence: about.next() });
      input.push(data);
    },
    closeStdin: input.close,
    resize: () => undefined,
    control: () => {
      killed.abort(0xc000_013a);
    },
    terminate: (code) => {
      killed.abort(code);
    },
  };
}

function createInput(killed: AbortSignal) {
  const waiting: Uint8Array[] = [];
  let closed = false;
  let wake = (): void => undefined;
  const close = (): void => {
    closed = true;
    wake();
  };
  killed.addEventListener('abort', close, { once: true });
  async function* read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = waiting.shift();
      if (next) yield next;
      else if (closed) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return {
    read,
    close,
    push: (data: Uint8Array): void => {
      waiting.push(data);
      wake();
    },
  };
}

function targetOf(folder: string, name: string): string {
  const parts = `${folder}/${name}`.replaceAll('/', '\\').split('\\');
  return ['C:', ...parts.filter((part) => !['', '.', 'C:', 'c:'].includes(part))].join('\\');
}

function memoryFiles(files: Map<string, Uint8Array>): SandboxFiles {
  // `/a`, `a`, `.`, `C:/a` and `C:\\a` all count from C:, as in Docker.
  const keyOf = (path: string): string => {
    const parts = path
      .replaceAll('/', '\\')
      .split('\\')
      .filter((part) => !['', '.', 'C:', 'c:'].includes(part));
    return ['c:', ...parts].join('\\').toLowerCase();
  };
  const find = (path: string): [string, Uint8Array] | undefined =>
    [...files].find(([name]) => name.toLowerCase() === keyOf(path));
  const isFolder = (path: string): boolean =>
    keyOf(path) === 'c:' || [...files.keys()].some((name) => name.toLowerCase().startsWith(`${keyOf(path)}\\`));
  const missing = (path: string): WindowboxError =>
    new WindowboxError('not-found', `Cannot find "${path}": the system cannot find the path specified`);
  return {
    stat: async (path) => {
      const found = find(path);
      if (!found && !isFolder(path)) throw missing(path);
      const name = path.split(/[\\/]/u).findLast((part) => part !== '') ?? '';
      return {
        name,
        size: found?.[1].length ?? 0,
        mode: found ? 0o644 : 0x8000_0000 + 0o755,
        modified: new Date(0),
        linkTarget: '',
      };
    },
    read: async (path) => {
      const tar = pack();
      const found = find(path);
      if (!found && !isFolder(path)) throw missing(path);
      if (found) tar.entry({ name: basename(found[0].replaceAll('\\', '/')) }, Buffer.from(found[1]));
      tar.finalize();
      return tar;
    },
    write: async (path, tar) => {
      if (!isFolder(path)) throw missing(path);
      const unpack = extract();
      unpack.on('entry', (header, stream, next) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (header.type === 'file') files.set(targetOf(path, header.name), Buffer.concat(chunks));
          next();
        });
      });
      await new Promise<void>((resolve, reject) => {
        unpack.on('finish', resolve).on('error', reject);
        tar.on('error', reject).pipe(unpack);
      }).catch((error: unknown) => {
        if (isErrno(error, 'ENOENT')) throw missing(path);
        throw new WindowboxError('invalid-argument', 'Cannot unpack: no tar archive', { cause: error });
      });
    },
    changes: async () =>
      [...files.keys()]
        .filter((path) => !path.startsWith('C:\\Windows'))
        .map((path) => ({ path, kind: 'added' as const })),
    size: async () => [...files.values()].reduce((sum, { length }) => sum + length, 0),
    close: async () => undefined,
  };
}
