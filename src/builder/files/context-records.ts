import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../../errors/index.js';
import { atomicWrite } from '../../platform/index.js';
import { digestOf } from './digest-of.js';

/** What a build has found of a file that its client holds. */
export interface KnownFile {
  /** The client's word for this state of the file. */
  readonly stamp: string;
  /** Of the content that came with this stamp, in hexadecimal. */
  readonly sha256: string;
}

/** By path. */
export type ContextRecord = ReadonlyMap<string, KnownFile>;

/**
 * Digests of files that clients hold, one record for each context's key: a file whose stamp is known need not come again to be compared with the
 * cache. Only what this daemon hashed itself is in a record, and a record counts for its own key alone: no client's word reaches another's build.
 */
export interface ContextRecords {
  /** Empty for none, and for a damaged one. Counts as a use. */
  read(key: string): Promise<ContextRecord>;
  /** In place of the record that is there. Those used longest ago go, where there are too many. */
  write(key: string, record: ContextRecord): Promise<void>;
  /** Deletes all; answers how many bytes they took. */
  clear(): Promise<number>;
}

/** Opens the records in a folder, and removes what a crash left half-written. */
export async function openContextRecords(folder: string): Promise<ContextRecords> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) if (!isRecordName(name)) await rm(join(folder, name), { force: true });
  const pathOf = (key: string): string => join(folder, digestOf(key));
  return {
    read: async (key) => {
      const content = await readFile(pathOf(key)).catch((error: unknown) => {
        if (isErrno(error, 'ENOENT')) return undefined;
        throw error;
      });
      if (content === undefined) return new Map();
      const now = new Date();
      // Pruned a moment ago: then there is no use to count.
      await utimes(pathOf(key), now, now).catch(() => {});
      return parseRecord(content);
    },
    write: async (key, record) => {
      await atomicWrite(pathOf(key), formatRecord(record));
      await dropOldest(folder);
    },
    clear: async () => {
      const all = await recordsIn(folder);
      for (const { path } of all) await rm(path, { force: true });
      return all.reduce((sum, { size }) => sum + size, 0);
    },
  };
}

/** The hash of what follows, then path, stamp and digest of each file, with NULs between, which no path holds. */
function formatRecord(record: ContextRecord): string {
  const fields = [...record].flatMap(([path, known]) => [path, known.stamp, known.sha256]);
  const body = fields.join('\0');
  return `${digestOf(body)}\n${body}`;
}

function parseRecord(content: Buffer): ContextRecord {
  const record = new Map<string, KnownFile>();
  const body = content.subarray(hashLength + 1);
  if (body.length === 0 || content.toString('latin1', 0, hashLength) !== digestOf(body)) return record;
  const fields = body.toString('utf8').split('\0');
  for (let at = 0; at < fields.length; at += 3)
    record.set(fields[at] ?? '', { stamp: fields[at + 1] ?? '', sha256: fields[at + 2] ?? '' });
  return record;
}

async function dropOldest(folder: string): Promise<void> {
  const all = (await recordsIn(folder)).toSorted((a, b) => b.usedAt - a.usedAt);
  let bytes = 0;
  for (const [index, { path, size }] of all.entries()) {
    bytes += size;
    if (index >= mostRecords || bytes > mostBytes) await rm(path, { force: true });
  }
}

async function recordsIn(folder: string): Promise<readonly { path: string; size: number; usedAt: number }[]> {
  const names = (await readdir(folder)).filter(isRecordName);
  const all = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const info = await stat(path).catch(() => undefined);
      return info === undefined ? [] : [{ path, size: info.size, usedAt: info.mtimeMs }];
    }),
  );
  return all.flat();
}

function isRecordName(name: string): boolean {
  return /^[\da-f]{64}$/u.test(name);
}

const hashLength = 64;
const mostRecords = 64;
/** Of all records together: some two million files. */
const mostBytes = 256 * 2 ** 20;
