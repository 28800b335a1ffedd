import { PassThrough, Readable } from 'node:stream';
import { WindowboxError } from '../errors/index.js';
import { createDeferred, createMutex, type Mutex } from '../platform/index.js';
import type { FileChange, FileStat, SandboxFiles } from '../runtime/index.js';
import { connectSocket } from './connect-socket.js';
import { fileError, type FilesLink, openFilesLink } from './files-link.js';
import { frame, largestData } from './guest-frames.js';
import { vmSockets } from './qemu-arguments.js';

/** More changes than a container has; a guest could send them without end. */
const mostChanges = 2_000_000;

/** The file operations of a container whose VM runs: the guest does them, since only it can read its disk. */
export async function openGuestFiles(folder: string): Promise<SandboxFiles> {
  const link = await openFilesLink(await connectSocket(folder, vmSockets.files));
  const mutex = createMutex();
  const ask = async (strings: readonly string[]): Promise<Buffer> =>
    mutex.run(async () => {
      link.request(strings);
      return readAnswer(link, strings[1] ?? '');
    });
  return {
    stat: async (path) => parseStat(path, await ask(['stat', path])),
    read: async (path) => readArchive(link, mutex, path),
    write: async (path, tar) => mutex.run(async () => writeArchive(link, path, tar)),
    changes: async () => mutex.run(async () => readChanges(link)),
    size: async () => Number((await ask(['size'])).toString()) || 0,
    close: async () => {
      link.close();
    },
  };
}

async function readAnswer(link: FilesLink, path: string): Promise<Buffer> {
  const { type, data } = await link.next();
  if (type === frame.OK) return data;
  if (type === frame.FAILED) throw fileError(path, data);
  throw new WindowboxError('data-loss', `Cannot read from the VM: a frame of type ${String(type)}`);
}

/** Size, mode, change time, name and target of a link, each ended by NUL: the guest's words. */
function parseStat(path: string, data: Buffer): FileStat {
  const [size = '', mode = '', modified = '', name = '', linkTarget = ''] = data.toString('utf8').split('\0');
  if (!/^\d{1,18}$/u.test(size) || !/^[0-7]{1,7}$/u.test(mode) || !/^-?\d{1,19}$/u.test(modified))
    throw new WindowboxError('data-loss', `Cannot read from the VM: no status of "${path}"`);
  return {
    name: name === '.' ? '\\' : name,
    size: Number(size),
    mode: goMode(Number.parseInt(mode, 8)),
    modified: new Date(Number(modified) / 1e6),
    linkTarget,
  };
}

/** Go's os.FileMode has the kind of a file in other bits than st_mode. */
function goMode(mode: number): number {
  const kind = mode & 0o170_000;
  const bits = kind === 0o040_000 ? 0x8000_0000 : kind === 0o120_000 ? 0x0800_0000 : 0;
  return bits + (mode & 0o777);
}

/** Waits for the first frame, so that a path that is not there is an error of this call and not of the stream. */
async function readArchive(link: FilesLink, mutex: Mutex, path: string): Promise<NodeJS.ReadableStream> {
  const begun = createDeferred<NodeJS.ReadableStream>();
  void mutex.run(async () => {
    const output = new PassThrough();
    try {
      link.request(['read', path]);
      const first = await link.next();
      if (first.type === frame.FAILED) throw fileError(path, first.data);
      begun.resolve(output);
      await pump(link, output, { first, path });
    } catch (error) {
      begun.reject(error);
      output.destroy(error instanceof Error ? error : undefined);
    }
  });
  return begun.promise;
}

async function pump(
  link: FilesLink,
  output: PassThrough,
  from: { readonly first: { readonly type: number; readonly data: Buffer }; readonly path: string },
): Promise<void> {
  let cancelled = false;
  for (let { type, data } = from.first; ; { type, data } = await link.next()) {
    if (type === frame.FAILED && !cancelled) throw fileError(from.path, data);
    if (type !== frame.DATA) break;
    // Whoever reads has gone: the guest stops, and says so.
    if (output.destroyed && !cancelled) {
      cancelled = true;
      await link.send(frame.CANCEL);
    }
    if (!cancelled && !output.write(Buffer.from(data)))
      await new Promise<void>((resolve) => {
        output.once('drain', resolve).once('close', resolve);
      });
  }
  output.end();
}

async function writeArchive(link: FilesLink, path: string, tar: NodeJS.ReadableStream): Promise<void> {
  link.request(['write', path]);
  for await (const chunk of Readable.from(tar)) {
    const bytes: unknown = chunk;
    const data = Buffer.isBuffer(bytes) ? bytes : Buffer.from(String(bytes));
    for (let at = 0; at < data.length; at += largestData)
      await link.send(frame.DATA, data.subarray(at, at + largestData));
  }
  await link.send(frame.OK);
  await readAnswer(link, path);
}

async function readChanges(link: FilesLink): Promise<readonly FileChange[]> {
  const changes = new Map<string, FileChange>();
  link.request(['changes']);
  for (let { type, data } = await link.next(); type === frame.DATA; { type, data } = await link.next()) {
    const kind = kindOf(data[0]);
    const path = data.toString('utf8', 1).replaceAll('\0', '');
    if (kind === undefined || changes.size > mostChanges)
      throw new WindowboxError('data-loss', 'Cannot read from the VM: no list of changes');
    changes.set(path, { path: `C:${path.replaceAll('/', '\\')}`, kind });
  }
  return [...changes.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function kindOf(letter: number | undefined): FileChange['kind'] | undefined {
  const kinds = new Map<number | undefined, FileChange['kind']>([
    [0x41, 'added'],
    [0x43, 'modified'],
    [0x44, 'deleted'],
  ]);
  return kinds.get(letter);
}
