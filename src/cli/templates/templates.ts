import { isErrorCode } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import type { Columns } from '../format/list.js';
import { formatBinarySize, formatDecimalSize } from '../format/sizes.js';
import { ago } from '../format/texts.js';

/** What VMs of Hyper-V isolation start from. */
export interface Template {
  readonly Id: string;
  readonly Base: string;
  readonly Memory: number;
  readonly Processors: number;
  readonly Size: number;
  readonly Created: string;
  readonly LastUsed: string;
  readonly Containers: number;
  readonly Stale: boolean;
}

export interface TemplateUsage {
  readonly Templates: readonly Template[];
  /** Disk images that templates have in common. */
  readonly SharedSize: number;
}

/** None where the daemon is a Docker engine, or an older one of ours. */
export async function listTemplates(client: Client): Promise<TemplateUsage> {
  try {
    return await client.json<TemplateUsage>({ method: 'GET', path: '/templates' });
  } catch (error) {
    if (isErrorCode(error, 'not-found')) return { Templates: [], SharedSize: 0 };
    throw error;
  }
}

/** The line of templates in `system df`. */
export function templateRow({ Templates, SharedSize }: TemplateUsage): {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  readonly size: number;
  readonly reclaimable: number;
} {
  const active = Templates.filter(({ Containers }) => Containers > 0);
  const sizeOf = (items: readonly Template[]): number => items.reduce((sum, { Size }) => sum + Size, 0);
  const size = sizeOf(Templates) + SharedSize;
  return {
    type: 'VM Templates',
    total: Templates.length,
    active: active.length,
    size,
    reclaimable: active.length === 0 ? size : size - sizeOf(active) - SharedSize,
  };
}

export const templateColumns: Columns<Template> = {
  ID: { header: 'TEMPLATE ID', text: ({ Id }) => Id.slice(0, 12) },
  Base: { header: 'BASE', text: ({ Base }) => (Base === '' ? '<unknown>' : Base) },
  Memory: { header: 'MEMORY', text: ({ Memory }) => formatBinarySize(Memory) },
  Processors: { header: 'CPUS', text: ({ Processors }) => String(Processors) },
  Size: { header: 'SIZE', text: ({ Size }) => formatDecimalSize(Size) },
  CreatedSince: { header: 'CREATED', text: ({ Created }) => ago(Date.parse(Created) / 1000) },
  UsedSince: { header: 'LAST USED', text: ({ LastUsed }) => (LastUsed === '' ? '' : ago(Date.parse(LastUsed) / 1000)) },
  Containers: { header: 'CONTAINERS', text: ({ Containers }) => String(Containers) },
  Stale: { header: 'STALE', text: ({ Stale }) => (Stale ? 'yes' : '') },
};

export const templateTable = [
  'ID',
  'Base',
  'Memory',
  'Processors',
  'Size',
  'CreatedSince',
  'UsedSince',
  'Containers',
  'Stale',
] as const;
