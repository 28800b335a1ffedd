import { PassThrough } from 'node:stream';
import { isErrorCode, WindowboxError } from '../errors/index.js';
import type { SandboxFiles } from '../runtime/index.js';
import type { Container } from './container.js';
import { publishContainerEvent } from './container-events.js';
import type { EngineContext } from './context.js';
import { dockerText } from './docker-texts.js';
import type { ContainerOperations } from './engine.js';
import { changeRecord } from './lifecycle/change-record.js';
import { runtimeOf } from './lifecycle/start-container.js';

type FileOperations = Pick<ContainerOperations, 'stat' | 'readFiles' | 'writeFiles' | 'changes' | 'export'>;

/** Everything that looks at or into a container's C: from outside. */
export function createFileOperations(context: EngineContext): FileOperations {
  const open = async (ref: string): Promise<{ container: Container; files: SandboxFiles }> => {
    const container = context.registry.find(ref);
    const runtime = runtimeOf(context, container);
    if (container.live !== undefined && !runtime.features.copyWhileRunning)
      throw new WindowboxError(
        'unsupported',
        'filesystem operations against a running Hyper-V container are not supported',
        {
          hint: 'Stop the container first; its files stay.',
        },
      );
    return { container, files: await runtime.openFiles(container.record.id, container.record.layer) };
  };
  const use = async <T>(ref: string, work: (files: SandboxFiles) => Promise<T>): Promise<T> => {
    const { files } = await open(ref);
    try {
      return await work(files);
    } finally {
      await files.close();
    }
  };
  return {
    stat: async (ref, path) => use(ref, async (files) => orNoSuchFile(files.stat(path), ref, path)),
    readFiles: async (ref, path) => {
      const { container, files } = await open(ref);
      try {
        const stat = await orNoSuchFile(files.stat(path), ref, path);
        const tar = closeAtEnd(await files.read(path), files);
        publishContainerEvent(context, container, { action: 'archive-path' });
        return { stat, tar };
      } catch (error) {
        await files.close();
        throw error;
      }
    },
    writeFiles: async (ref, path, { tar, noOverwriteDirNonDir }) => {
      const { container, files } = await open(ref);
      try {
        if (container.record.pristine) changeRecord(context, container, { pristine: false });
        await orNoSuchFile(files.write(path, tar, { noOverwriteDirNonDir }), ref, path);
      } finally {
        await files.close();
      }
      publishContainerEvent(context, container, { action: 'extract-to-dir' });
    },
    changes: async (ref) => use(ref, async (files) => files.changes()),
    export: async (ref) => {
      const { container, files } = await open(ref);
      publishContainerEvent(context, container, { action: 'export' });
      return closeAtEnd(await files.read('C:\\'), files);
    },
  };
}

/** Docker's text for what is not there, with the path and the container as the client named them. */
async function orNoSuchFile<T>(work: Promise<T>, ref: string, path: string): Promise<T> {
  return work.catch((cause: unknown) => {
    if (!isErrorCode(cause, 'not-found')) throw cause;
    throw new WindowboxError('not-found', dockerText('noSuchFile', path, ref), { cause });
  });
}

/** The files stay open until the stream has ended, failed or lost its reader. */
function closeAtEnd(stream: NodeJS.ReadableStream, files: SandboxFiles): NodeJS.ReadableStream {
  const through = new PassThrough();
  through.once('close', () => {
    void files.close();
  });
  stream.on('error', (error) => through.destroy(error));
  return stream.pipe(through);
}
