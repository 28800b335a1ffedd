import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WindowboxError } from '../errors/index.js';
import type { RuntimeParts } from '../platform/index.js';
import { cpioArchive, type CpioEntry } from './cpio.js';

const folder = 0o040_755;
const program = 0o100_755;
const file = 0o100_644;
const console = 0o020_600;

/** Drivers that take no device by themselves: see guest/vm/cards.c. */
const ofCards = new Set(['failover', 'net_failover', 'virtio_net']);

/** What the VM's kernel starts with: vm-init, the drivers in the order to load them, the programs of guest/. */
export async function initialRoot(parts: RuntimeParts): Promise<Buffer> {
  const names = parseOrder(await readFile(join(parts.kernel, 'modules.json'), 'utf8'));
  const modules = await Promise.all(
    names.map(async (name, index): Promise<CpioEntry> => {
      const place = ofCards.has(name) ? 'card-modules' : 'modules';
      const number = String(index).padStart(2, '0');
      const data = await readFile(join(parts.kernel, 'modules', `${name}.ko`));
      return { path: `${place}/${number}-${name}.ko`, mode: file, data };
    }),
  );
  const programOf = async (path: string, name: string): Promise<CpioEntry> => ({
    path,
    mode: program,
    data: await readFile(join(parts.guest, name)),
  });
  return cpioArchive([
    ...['dev', 'host', 'modules', 'card-modules'].map((path) => ({ path, mode: folder })),
    { path: 'dev/console', mode: console, device: [5, 1] },
    await programOf('init', 'vm-init'),
    await programOf('windowbox-init', 'windowbox-init'),
    await programOf('agent.exe', 'agent.exe'),
    ...modules,
  ]);
}

function parseOrder(text: string): readonly string[] {
  const parsed: unknown = JSON.parse(text);
  const order = typeof parsed === 'object' && parsed !== null && 'order' in parsed ? parsed.order : undefined;
  if (Array.isArray(order) && order.every((name): name is string => typeof name === 'string')) return order;
  throw new WindowboxError('unavailable', "Cannot read the VM kernel's list of modules: it is damaged", {
    hint: 'Run "windowbox setup --rebuild".',
  });
}
