import { type FileHandle, open } from 'node:fs/promises';
import { isErrno } from '../../errors/index.js';
import { decodeLogHeader, logHeaderBytes, type LogRecord } from './log-record.js';

/**
 * The complete records of one log file from `offset` on. Ends at the end of the file, at half a record (a write under way or a
 * power cut), or at bytes that are no record (a damaged file: what is before them is still given).
 */
export async function* readRecords(path: string, offset = 0): AsyncGenerator<LogRecord & { readonly end: number }> {
  const file = await openOrNothing(path);
  if (file === undefined) return;
  try {
    let position = offset;
    const reader = createBlockReader(file);
    for (;;) {
      const header = await reader(position, logHeaderBytes);
      const decoded = header && decodeLogHeader(header);
      if (!decoded) return;
      const data = await reader(position + logHeaderBytes, decoded.length);
      if (!data) return;
      position += logHeaderBytes + decoded.length;
      yield {
        stream: decoded.stream,
        time: decoded.time,
        sequence: decoded.sequence,
        data: Uint8Array.from(data),
        end: position,
      };
    }
  } finally {
    await file.close();
  }
}

/** What a log holds: the sequence number of the last complete record (0: none), and where the current file's last one ends. */
export async function inspectLog(
  files: readonly string[],
): Promise<{ readonly lastSequence: number; readonly end: number }> {
  let end: number | undefined;
  for (const path of files.toReversed()) {
    let last: { readonly sequence: number; readonly end: number } | undefined;
    for await (const record of readRecords(path)) last = record;
    end ??= last?.end ?? 0;
    if (last !== undefined) return { lastSequence: last.sequence, end };
  }
  return { lastSequence: 0, end: end ?? 0 };
}

/** Reads in blocks of 256 KiB, so that small records do not cost a system call each. */
function createBlockReader(file: FileHandle): (position: number, length: number) => Promise<Buffer | undefined> {
  let block = Buffer.alloc(0);
  let start = 0;
  return async (position, length) => {
    if (position < start || position + length > start + block.length) {
      const wanted = Buffer.allocUnsafe(Math.max(length, 256 * 1024));
      const { bytesRead } = await file.read(wanted, 0, wanted.length, position);
      block = wanted.subarray(0, bytesRead);
      start = position;
    }
    const from = position - start;
    return from + length <= block.length ? block.subarray(from, from + length) : undefined;
  };
}

async function openOrNothing(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
