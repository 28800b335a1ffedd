import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WindowboxError } from '../../errors/index.js';
import { type Cgroup, controllerFolder } from './hierarchies.js';

const timeLimitMs = 5000;

/**
 * Stops every task of a cgroup, or lets them go on, and resolves when that is so.
 *
 * @throws WindowboxError `unsupported` without a freezer, `timeout` when a task sits in the kernel for longer than 5 s; it is
 * thawed again then.
 */
export async function freeze(cgroup: Cgroup, frozen: boolean): Promise<void> {
  const place = controllerFolder(cgroup, 'freezer');
  if (place === undefined)
    throw new WindowboxError('unsupported', 'Cannot pause: this machine has no "freezer" cgroup controller');
  const files = place.version === 2 ? unified(place.folder) : legacy(place.folder);
  const end = Date.now() + timeLimitMs;
  await writeFile(files.control, frozen ? files.on : files.off);
  while (!files.is(await readFile(files.state, 'utf8'), frozen)) {
    if (Date.now() > end) {
      if (frozen) await writeFile(files.control, files.off);
      throw new WindowboxError('timeout', `Cannot ${frozen ? 'pause' : 'resume'}: no answer from the freezer`);
    }
    // Version 1 gives up on a task that was forking just then: asking again is how its documentation says to go on.
    if (frozen) await writeFile(files.control, files.on);
    await sleep(5);
  }
}

interface FreezerFiles {
  readonly control: string;
  readonly state: string;
  readonly on: string;
  readonly off: string;
  is(text: string, frozen: boolean): boolean;
}

function unified(folder: string): FreezerFiles {
  const is = (text: string, frozen: boolean): boolean => text.includes(`frozen ${frozen ? '1' : '0'}`);
  return { control: join(folder, 'cgroup.freeze'), state: join(folder, 'cgroup.events'), on: '1', off: '0', is };
}

function legacy(folder: string): FreezerFiles {
  const path = join(folder, 'freezer.state');
  const is = (text: string, frozen: boolean): boolean => text.trim() === (frozen ? 'FROZEN' : 'THAWED');
  return { control: path, state: path, on: 'FROZEN', off: 'THAWED', is };
}
