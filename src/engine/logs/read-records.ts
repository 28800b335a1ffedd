import type { FileHandle } from 'node:fs/promises';
import { openLogFiles } from './log-files.js';
import { decodeLogHeader, logHeaderBytes, type LogRecord } from './log-record.js';

/**
 * The complete records of an open log file from `offset` on. Ends at the end of the file, at half a record (a write under way or a
 * power cut), or at bytes that are no record (a damaged file: what is before them is still given).
 */
export async function* readRecords(file: FileHandle, offset = 0): AsyncGenerator<LogRecord & { readonly end: number }> {
  let position = offset;
  const reader = createBlockReader(file);
  for (;;) {
    const header = await reader(position, logHeaderBytes);
    const decoded = header && decodeLogHeader(header);
    if (!decoded) return;
    const { length, ...rest } = decoded;
    const data = await reader(position + logHeaderBytes, length);
    if (!data) return;
    position += logHeaderBytes + length;
    yield { ...rest, data: Uint8Array.from(data), end: position };
  }
}

/** What a log holds: the sequence number of the last complete record (0: none), and where the current file's last one ends. */
export async function inspectLog(path: string): Promise<{ readonly lastSequence: number; readonly end: number }> {
  const files = await openLogFiles(path);
  try {
    let end: number | undefined;
    for (const file of files.toReversed()) {
      let last: { readonly sequence: number; readonly end: number } | undefined;
      for await (const record of readRecords(file)) last = record;
      end ??= last?.end ?? 0;
      if (last !== undefined) return { lastSequence: last.sequence, end };
    }
    return { lastSequence: 0, end: end ?? 0 };
  } finally {
    for (const file of files) await file.close();
  }
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
