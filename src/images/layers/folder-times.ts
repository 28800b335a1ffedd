import { appendFileSync, createReadStream, rmSync, utimesSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Times of folders, to be set when nothing is put into them any more. More than some megabytes wait in a file. */
export interface FolderTimes {
  /** `name` is the entry's, which has no line ends. */
  add(name: string, modified: bigint): void;
  apply(pathOf: (name: string) => string): Promise<void>;
}

export function createFolderTimes(spillPath: string): FolderTimes {
  let held: string[] = [];
  let size = 0;
  let isSpilled = false;
  const spill = (): void => {
    appendFileSync(spillPath, held.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    held = [];
    size = 0;
    isSpilled = true;
  };
  return {
    add: (name, modified) => {
      held.push(`${String(modified)} ${name}`);
      size += name.length + 30;
      if (size > maxHeld) spill();
    },
    apply: async (pathOf) => {
      const set = (line: string): void => {
        const space = line.indexOf(' ');
        const seconds = Number(line.slice(0, space)) / 1e9;
        utimesSync(pathOf(line.slice(space + 1)), seconds, seconds);
      };
      if (isSpilled) {
        for await (const line of createInterface({ input: createReadStream(spillPath), crlfDelay: Infinity }))
          set(line);
        rmSync(spillPath);
      }
      held.forEach(set);
    },
  };
}

const maxHeld = 4 << 20;
