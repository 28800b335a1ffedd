import { closeSync, openSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { isErrno, WindowboxError } from '../../errors/index.js';

/**
 * What a Linux file cannot hold of a Windows one. One line of JSON for each entry, in the order of the layer; a security descriptor
 * that came before is named by its number. The file is ours alone, but it is read as carefully as anything from a disk.
 */
const record = v.object({
  /** `Files/dir/name`, as it is spelled on the disk. */
  path: v.string(),
  /** Win32 file attributes. */
  attributes: v.exactOptional(v.number()),
  /** Self-relative security descriptor, base64. */
  descriptor: v.exactOptional(v.string()),
  /** The older text form. */
  sddl: v.exactOptional(v.string()),
  /** `seconds.nanoseconds`, as the layer says it. */
  created: v.exactOptional(v.string()),
  /** Nanoseconds since 1970; a Linux file keeps only some of the digits. */
  modified: v.exactOptional(v.string()),
  /** A reparse point's raw target. */
  target: v.exactOptional(v.string()),
  junction: v.exactOptional(v.boolean()),
  /** The folder is not an entry of the layer: it is there because something in it is. */
  implied: v.exactOptional(v.boolean()),
  /** Alternate data streams; `file` is in the layer's `streams` folder. */
  streams: v.exactOptional(v.array(v.object({ name: v.string(), file: v.string(), size: v.number() }))),
  /** All other PAX records, extended attributes among them. */
  pax: v.exactOptional(v.record(v.string(), v.string())),
});

export type SidecarRecord = v.InferOutput<typeof record>;
export type SidecarMap = ReadonlyMap<string, SidecarRecord>;

export interface SidecarWriter {
  write(record: SidecarRecord): void;
  close(): void;
}

export interface SidecarLimits {
  /** Characters of descriptors that are remembered, to be named by their number; default 16 Mi. */
  readonly keptDescriptors?: number;
  /** Characters in all, which a reader holds in memory; default 256 Mi. */
  readonly maxBytes?: number;
}

/** @throws WindowboxError (while writing) `resource-exhausted` over the limit. */
export function createSidecar(path: string, limits: SidecarLimits = {}): SidecarWriter {
  const { keptDescriptors = 16 << 20, maxBytes = 256 << 20 } = limits;
  const file = openSync(path, 'wx', 0o600);
  const known = new Map<string, number>();
  let [count, kept, written] = [0, 0, 0];
  // A write for each line would cost more than the lines.
  let held = '';
  const flush = (): void => {
    const bytes = Buffer.from(held);
    held = '';
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  };
  const line = (value: unknown): void => {
    const text = `${JSON.stringify(value)}\n`;
    written += text.length;
    if (written > maxBytes)
      throw new WindowboxError(
        'resource-exhausted',
        `Cannot unpack layer: more than ${String(maxBytes)} bytes of descriptors, attributes and names`,
      );
    held += text;
    if (held.length > 1 << 16) flush();
  };
  return {
    write: ({ descriptor, ...rest }) => {
      if (descriptor === undefined) {
        line(rest);
        return;
      }
      const number = known.get(descriptor) ?? count;
      if (number === count) {
        kept += descriptor.length;
        if (kept > keptDescriptors) {
          known.clear();
          kept = descriptor.length;
        }
        known.set(descriptor, number);
        count += 1;
        line({ number, descriptor });
      }
      line({ ...rest, descriptor: number });
    },
    close: () => {
      try {
        flush();
      } finally {
        closeSync(file);
      }
    },
  };
}

/**
 * Reads a sidecar by path, of all entries or those that are wanted; empty when there is none.
 *
 * @throws WindowboxError `data-loss` when it is damaged.
 */
export async function readSidecar(path: string, wanted?: ReadonlySet<string>): Promise<SidecarMap> {
  const records = new Map<string, SidecarRecord>();
  const descriptors: string[] = [];
  try {
    const file = await open(path, 'r');
    const lines = createInterface({ input: file.createReadStream({ encoding: 'utf8' }), crlfDelay: Infinity });
    for await (const text of lines) {
      const line = v.parse(sidecarLine, JSON.parse(text));
      if ('number' in line) {
        descriptors[line.number] = line.descriptor;
        continue;
      }
      const { descriptor, ...rest } = line;
      if (wanted?.has(rest.path) === false) continue;
      const known = descriptor === undefined ? undefined : descriptors[descriptor];
      records.set(rest.path, known === undefined ? rest : { ...rest, descriptor: known });
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return records;
    throw new WindowboxError('data-loss', `Cannot read layer metadata "${path}": it is damaged`, { cause: error });
  }
  return records;
}

const sidecarLine = v.union([
  v.object({ number: v.number(), descriptor: v.string() }),
  v.object({ ...record.entries, descriptor: v.exactOptional(v.number()) }),
]);
