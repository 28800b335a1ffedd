import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../errors/index.js';
import { syncFileSystem, syncFileSystemNow } from '../platform/index.js';
import type { ImageRecords } from './image-records.js';

/**
 * Brings the files of recorded layers to the disk, some seconds after they were recorded. Until then a layer is noted with the boot of the machine
 * that it was made in: in this one the kernel has its files, whatever happens to the daemon; in another one they may be torn.
 */
export interface LayerSync {
  /** Within the transaction that records the layer. */
  note(chain: string): void;
  /** Catches up on what is left, waiting for the disk. Nothing happens after it. */
  close(): void;
}

export interface LayerSyncOptions {
  /** Of the store. */
  readonly folder: string;
  readonly records: ImageRecords;
  /** Of the machine; see {@link readBoot}. */
  readonly boot: string;
  /** Hears, in a sentence, of what went wrong beside all acts. */
  readonly onTrouble: (text: string) => void;
}

/** A name for the time since the machine was started. */
export function readBoot(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

export function createLayerSync({ folder, records, boot, onTrouble }: LayerSyncOptions): LayerSync {
  const layers = join(folder, 'layers');
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const soon = (delayMs: number): void => {
    timer ??= setTimeout(() => void catchUp(), delayMs).unref();
  };
  const catchUp = async (): Promise<void> => {
    const chains = records.unsynced().map(({ chain }) => chain);
    let delayMs = restMs;
    try {
      await syncFileSystem(layers);
      if (!isClosed) records.markSynced(chains);
    } catch (error) {
      delayMs = afterFailureMs;
      onTrouble(describeTrouble(error));
    }
    timer = undefined;
    if (!isClosed && records.unsynced().length > 0) soon(delayMs);
  };
  if (records.unsynced().length > 0) soon(restMs);
  return {
    note: (chain) => {
      records.markUnsynced(chain, boot);
      soon(restMs);
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      const chains = records.unsynced().map(({ chain }) => chain);
      if (chains.length === 0) return;
      try {
        syncFileSystemNow(layers);
        records.markSynced(chains);
      } catch (error) {
        onTrouble(describeTrouble(error));
      }
    },
  };
}

function describeTrouble(error: unknown): string {
  return `Image layers could not be brought to the disk, so that a power cut may take them: ${describeError(error)}`;
}

/** The steps of a build follow each other in less: they share a sync. */
const restMs = 2000;
const afterFailureMs = 60_000;
