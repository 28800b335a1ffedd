import type { ContainerSummary, ImageSummary, VolumeShape } from '../../docker-api/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { formatFlag } from '../define/common-flags.js';
import { type Columns, renderList } from '../format/list.js';
import { formatDecimalSize } from '../format/sizes.js';
import { ago } from '../format/texts.js';
import { imageColumns, rowsOf as imageRows } from './images.js';
import { containerColumns } from './ps.js';
import { volumeColumns } from './volume.js';
import {
  listTemplates,
  templateColumns,
  templateRow,
  templateTable,
  type TemplateUsage,
} from '../templates/templates.js';
import { print } from '../streams/print.js';

interface DiskUsage {
  readonly LayersSize: number;
  readonly Images: readonly ImageSummary[] | null;
  readonly Containers: readonly ContainerSummary[] | null;
  readonly Volumes: readonly VolumeShape[] | null;
  readonly BuildCache: readonly CacheShape[] | null;
}

interface CacheShape {
  readonly ID: string;
  readonly Type: string;
  readonly Description: string;
  readonly InUse: boolean;
  readonly Shared: boolean;
  readonly Size: number;
  readonly CreatedAt: string;
  readonly LastUsedAt: string | null;
  readonly UsageCount: number;
}

interface UsageRow {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  readonly size: number;
  readonly reclaimable: number;
}

export function makeSystemDfCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Show disk usage',
    usage: '[OPTIONS]',
    examples: [{ about: 'What could be freed', line: 'windowbox system df' }],
    flags: {
      format: formatFlag,
      verbose: { kind: 'bool', short: 'v', help: 'Show detailed information on space usage' },
    },
    takes: { exactly: 0 },
    run: async ({ flags, client }) => {
      const [usage, templates] = await Promise.all([
        client().json<DiskUsage>({ method: 'GET', path: '/system/df' }),
        listTemplates(client()),
      ]);
      if (flags.isOn('verbose')) {
        print(describe(usage, templates));
        return 0;
      }
      const table = ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'];
      print(renderList([...rowsOf(usage), templateRow(templates)], { columns, table, format: flags.text('format') }));
      return 0;
    },
  });
}

function describe({ Images, Containers, Volumes, BuildCache }: DiskUsage, { Templates }: TemplateUsage): string {
  const images = renderList(
    (Images ?? []).flatMap((image) => imageRows(image, false)),
    {
      columns: imageColumns(false),
      table: ['Repository', 'Tag', 'ID', 'CreatedSince', 'Size', 'SharedSize', 'UniqueSize', 'Containers'],
      format: undefined,
    },
  );
  const containers = renderList(Containers ?? [], {
    columns: containerColumns(false),
    table: ['ID', 'Image', 'Command', 'LocalVolumes', 'Size', 'RunningFor', 'Status', 'Names'],
    format: undefined,
  });
  const volumes = renderList(Volumes ?? [], {
    columns: volumeColumns,
    table: ['Name', 'Links', 'Size'],
    format: undefined,
  });
  const templates = renderList(Templates, { columns: templateColumns, table: templateTable, format: undefined });
  const caches = BuildCache ?? [];
  const cache = renderList(caches, { columns: cacheColumns, table: Object.keys(cacheColumns), format: undefined });
  return [
    `Images space usage:\n\n${images}`,
    `Containers space usage:\n\n${containers}`,
    `Local Volumes space usage:\n\n${volumes}`,
    `VM templates space usage:\n\n${templates}`,
    `Build cache usage: ${formatDecimalSize(sum(caches, ({ Size }) => Size))}\n\n${cache}`,
  ].join('\n');
}

function rowsOf(usage: DiskUsage): readonly UsageRow[] {
  const images = usage.Images ?? [];
  const containers = usage.Containers ?? [];
  const volumes = usage.Volumes ?? [];
  const caches = usage.BuildCache ?? [];
  const usedImages = images.filter(({ Containers }) => Containers > 0);
  const running = containers.filter(({ State }) => ['running', 'paused', 'restarting'].includes(State));
  const usedVolumes = volumes.filter(({ UsageData }) => (UsageData?.RefCount ?? 0) > 0);
  const used = sum(usedImages, ({ Size, SharedSize }) => Size - Math.max(SharedSize, 0));
  return [
    {
      type: 'Images',
      total: images.length,
      active: usedImages.length,
      size: usage.LayersSize,
      reclaimable: Math.max(usage.LayersSize - used, 0),
    },
    countRow('Containers', { all: containers, used: running }, ({ SizeRw }) => SizeRw ?? 0),
    countRow('Local Volumes', { all: volumes, used: usedVolumes }, ({ UsageData }) =>
      Math.max(UsageData?.Size ?? 0, 0),
    ),
    countRow('Build Cache', { all: caches, used: caches.filter(({ InUse }) => InUse) }, ({ Size }) => Size),
  ];
}

function countRow<Item>(
  type: string,
  items: { readonly all: readonly Item[]; readonly used: readonly Item[] },
  sizeOf: (item: Item) => number,
): UsageRow {
  const size = sum(items.all, sizeOf);
  return {
    type,
    total: items.all.length,
    active: items.used.length,
    size,
    reclaimable: size - sum(items.used, sizeOf),
  };
}

function sum<Item>(items: readonly Item[], sizeOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + sizeOf(item), 0);
}

const columns: Columns<UsageRow> = {
  Type: { header: 'TYPE', text: ({ type }) => type },
  TotalCount: { header: 'TOTAL', text: ({ total }) => String(total) },
  Active: { header: 'ACTIVE', text: ({ active }) => String(active) },
  Size: { header: 'SIZE', text: ({ size }) => formatDecimalSize(size) },
  Reclaimable: {
    header: 'RECLAIMABLE',
    text: ({ size, reclaimable }) => {
      const percent = size > 0 ? ` (${String(Math.floor((reclaimable * 100) / size))}%)` : '';
      return `${formatDecimalSize(reclaimable)}${percent}`;
    },
  },
};

const cacheColumns: Columns<CacheShape> = {
  ID: { header: 'CACHE ID', text: ({ ID }) => ID.slice(0, 12) },
  CacheType: { header: 'CACHE TYPE', text: ({ Type }) => Type },
  Size: { header: 'SIZE', text: ({ Size }) => formatDecimalSize(Size) },
  CreatedSince: { header: 'CREATED', text: ({ CreatedAt }) => ago(Date.parse(CreatedAt) / 1000) },
  LastUsedSince: {
    header: 'LAST USED',
    text: ({ LastUsedAt }) => (LastUsedAt === null ? '' : ago(Date.parse(LastUsedAt) / 1000)),
  },
  UsageCount: { header: 'USAGE', text: ({ UsageCount }) => String(UsageCount) },
  Shared: { header: 'SHARED', text: ({ Shared }) => String(Shared) },
};
