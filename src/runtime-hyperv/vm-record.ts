import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { atomicWrite } from '../platform/index.js';
import type { LinuxProcess } from '../runtime-linux/index.js';
import type { Layer } from '../runtime/index.js';

/** What a later daemon must know of a VM: `vm.json` in its folder. Written before QEMU starts (without its process), and after. */
export interface VmRecord {
  readonly version: 1;
  readonly id: string;
  readonly layer: Layer;
  /** Mebibytes. */
  readonly memory: number;
  /** Id of the template that it runs on. */
  readonly template?: string;
  readonly qemu?: LinuxProcess;
}

const name = 'vm.json';

export async function writeVmRecord(folder: string, record: VmRecord): Promise<void> {
  await atomicWrite(join(folder, name), JSON.stringify(record));
}

/** Undefined when there is none, or none that can be read. */
export async function readVmRecord(folder: string): Promise<VmRecord | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'));
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is VmRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    value.version === 1 &&
    'id' in value &&
    'layer' in value &&
    'memory' in value
  );
}
