import { type FileHandle, open } from 'node:fs/promises';
import { describeError } from '../../errors/index.js';
import type { EngineLogger } from '../dependencies.js';
import { type LogLimits, rotateLogFiles } from './log-files.js';
import { encodeLogHeader, logHeaderBytes, type LogRecord } from './log-record.js';
import { inspectLog } from './read-records.js';

/** Appends a container's output to its log file. */
export interface LogWriter {
  /** Resolves when the record is in the file (in the kernel's hands, not yet on the platter: as Docker). */
  append(record: LogRecord): Promise<void>;
  /**
   * Marks the beginning of a run: numbers start again. Without it a daemon that comes back before the first output would take the
   * last number of the run before for this one's.
   */
  beginRun(): Promise<void>;
  /** Called after each write, for readers that follow. */
  readonly listeners: Set<() => void>;
  close(): Promise<void>;
}

export interface LogWriterOptions {
  readonly path: string;
  readonly limits: LogLimits;
  readonly logger: EngineLogger;
}

/**
 * Records that come while a write is under way go out together in the next one, so that many small outputs cost few system calls.
 * A full disk stops nothing: the record is dropped with a warning once, and the program goes on.
 */
export async function openLogWriter(options: LogWriterOptions): Promise<LogWriter> {
  const { end } = await inspectLog(options.path);
  let file = await open(options.path, 'a', 0o640);
  // Half a record, left by a power cut, would hide all that follows it.
  await file.truncate(end);
  let size = end;
  const pending: LogRecord[] = [];
  let flushing: Promise<void> | undefined;
  let warned = false;

  const flush = async (): Promise<void> => {
    while (pending.length > 0) {
      const batch = pending.splice(0, countThatFit(pending, options.limits.maxSize - size));
      try {
        await writeAll(file, batch);
        size += batch.reduce((sum, record) => sum + bytesOf(record), 0);
        if (size >= options.limits.maxSize) await rotate();
      } catch (error) {
        if (!warned)
          options.logger.warn(`Cannot write log "${options.path}": ${describeError(error)}; output is not kept`);
        warned = true;
      }
      for (const listener of writer.listeners) listener();
    }
    flushing = undefined;
  };
  const rotate = async (): Promise<void> => {
    await file.close();
    await rotateLogFiles(options.path, options.limits.maxFiles);
    file = await open(options.path, 'a', 0o640);
    size = 0;
  };
  const writer = {
    listeners: new Set<() => void>(),
    append: (record: LogRecord): Promise<void> => {
      pending.push(record);
      flushing ??= flush();
      return flushing;
    },
    beginRun: async (): Promise<void> =>
      writer.append({ stream: 'stdout', time: BigInt(Date.now()) * 1_000_000n, sequence: 0, data: new Uint8Array() }),
    close: async (): Promise<void> => {
      await flushing;
      await file.close();
    },
  };
  return writer;
}

/** Up to and with the one that fills the file: a file outgrows its bound by one record at most. */
function countThatFit(records: readonly LogRecord[], room: number): number {
  let bytes = 0;
  const last = records.findIndex((record) => (bytes += bytesOf(record)) >= room);
  return last < 0 ? records.length : last + 1;
}

function bytesOf(record: LogRecord): number {
  return logHeaderBytes + record.data.length;
}

async function writeAll(file: FileHandle, records: readonly LogRecord[]): Promise<void> {
  const parts = records.flatMap((record) => [encodeLogHeader(record), record.data]);
  const wanted = parts.reduce((sum, part) => sum + part.length, 0);
  const { bytesWritten } = await file.writev(parts);
  // A short write leaves half a record: readers skip to the end of it, and what is missing is written as one block.
  if (bytesWritten < wanted) await file.write(Buffer.concat(parts).subarray(bytesWritten));
}
