import type { LogEntry } from '../types.js';
import type { LogRecord } from './log-record.js';

/** Cuts the records of both streams into lines. A line has the time of its first byte. */
export interface LineSplitter {
  push(record: LogRecord): LogEntry[];
  /** What has come without an end of line so far; it is given once. */
  rest(): LogEntry[];
}

/** Docker's own bound for one message. */
const maxLine = 16 * 1024;

export function splitLines(): LineSplitter {
  const open = new Map<LogRecord['stream'], { readonly time: bigint; readonly parts: Uint8Array[]; bytes: number }>();
  const finish = (stream: LogRecord['stream']): LogEntry[] => {
    const line = open.get(stream);
    open.delete(stream);
    return line === undefined ? [] : [{ stream, time: line.time, data: Buffer.concat(line.parts) }];
  };
  const add = (record: LogRecord, part: Uint8Array): LogEntry[] => {
    const line = open.get(record.stream) ?? { time: record.time, parts: [], bytes: 0 };
    open.set(record.stream, line);
    line.parts.push(part);
    line.bytes += part.length;
    return part.at(-1) === newline || line.bytes >= maxLine ? finish(record.stream) : [];
  };
  return {
    push: (record) => {
      const entries: LogEntry[] = [];
      for (let start = 0; start < record.data.length;) {
        const at = record.data.indexOf(newline, start);
        const end = Math.min(at === -1 ? record.data.length : at + 1, start + maxLine);
        entries.push(...add(record, record.data.subarray(start, end)));
        start = end;
      }
      return entries;
    },
    rest: () => [...open.keys()].flatMap(finish),
  };
}

const newline = 10;
