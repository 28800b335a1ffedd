import type { LogEntry, LogOptions } from '../types.js';
import { openLogFiles } from './log-files.js';
import { splitLines } from './split-lines.js';
import { readRecords } from './read-records.js';
import type { LogRecord } from './log-record.js';

export interface LogSource {
  readonly path: string;
  /** Resolves at the next write, or when the program has ended (false), or when `signal` aborts (false). */
  readonly nextWrite: (signal: AbortSignal | undefined) => Promise<boolean>;
}

/** A container's log as lines with their times, as `docker logs` shows it. With `follow` it goes on until the program ends. */
export async function* readLog(source: LogSource, options: LogOptions): AsyncGenerator<LogEntry> {
  const tail = options.tail === undefined ? undefined : { left: options.tail, kept: [] as LogEntry[] };
  const wanted = (entry: LogEntry): boolean =>
    (entry.stream === 'stdout' ? options.stdout : options.stderr) &&
    entry.time >= options.since &&
    (options.until === 0n || entry.time <= options.until);
  const position = createPosition(source.path);
  const lines = splitLines();
  let more = options.follow ? source.nextWrite(options.signal) : undefined;
  for (;;) {
    for await (const record of position.readOn()) {
      for (const entry of lines.push(record)) {
        if (!wanted(entry)) continue;
        if (tail === undefined || tail.left === -1) yield entry;
        else {
          tail.kept.push(entry);
          if (tail.kept.length > tail.left) tail.kept.shift();
        }
      }
    }
    if (tail !== undefined && tail.left !== -1) {
      for (const entry of [...tail.kept, ...lines.rest().filter(wanted)].slice(tail.left === 0 ? Infinity : -tail.left))
        yield entry;
      tail.left = -1;
    } else for (const entry of lines.rest().filter(wanted)) yield entry;
    if (more === undefined) return;
    // The next write is awaited from before the last read, so that none between the two is missed.
    const goesOn = await more;
    more = goesOn && options.signal?.aborted !== true ? source.nextWrite(options.signal) : undefined;
  }
}

/** Where a reader stands: it stays with its file when that is rotated away, and goes on in the next one. */
function createPosition(path: string): { readOn(): AsyncGenerator<LogRecord> } {
  let offset = 0;
  let inode: bigint | undefined;
  return {
    readOn: async function* () {
      const files = await openLogFiles(path);
      try {
        const inodes = await Promise.all(files.map(async (file) => (await file.stat({ bigint: true })).ino));
        // A file that is no longer there was dropped by rotation: what is left begins later.
        const from = inode === undefined ? 0 : Math.max(inodes.indexOf(inode), 0);
        for (const [index, file] of files.entries()) {
          if (index < from) continue;
          if (inodes[index] !== inode) offset = 0;
          inode = inodes[index];
          for await (const { end, ...record } of readRecords(file, offset)) {
            offset = end;
            yield record;
          }
        }
      } finally {
        for (const file of files) await file.close();
      }
    },
  };
}
