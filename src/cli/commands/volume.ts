import type { VolumeShape } from '../../docker-api/index.js';
import { isErrorCode } from '../../errors/index.js';
import { forEachTarget } from '../containers/for-each.js';
import { filterFlag, formatFlag } from '../define/common-flags.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { type Columns, renderList } from '../format/list.js';
import { formatDecimalSize } from '../format/sizes.js';
import { joinLabels } from '../format/texts.js';
import { pairsToObject } from '../parse/env-file.js';
import { filtersQuery } from '../parse/filters.js';
import { print, printError } from '../streams/print.js';

export function makeVolumeCreateCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Create a volume',
    usage: '[OPTIONS] [VOLUME]',
    examples: [
      { about: 'Make one and use it', line: 'windowbox volume create data && windowbox run -v data:C:\\data my/app:1' },
    ],
    flags: {
      driver: { kind: 'string', short: 'd', help: 'Specify volume driver name', shownDefault: 'local' },
      label: { kind: 'list', help: 'Set metadata for a volume' },
      name: { kind: 'string', hidden: true, help: 'Specify volume name' },
      opt: { kind: 'list', short: 'o', help: 'Set driver specific options' },
    },
    takes: { atMost: 1 },
    run: async ({ args, flags, client }) => {
      const { Name } = await client().json<VolumeShape>({
        method: 'POST',
        path: '/volumes/create',
        body: {
          Name: args[0] ?? flags.text('name') ?? '',
          Driver: flags.text('driver') ?? 'local',
          DriverOpts: pairsToObject(flags.all('opt')),
          Labels: pairsToObject(flags.all('label')),
        },
      });
      print(`${Name}\n`);
      return 0;
    },
  });
}

export function makeVolumeLsCommand(): CommandDefinition {
  return defineCommand({
    summary: 'List volumes',
    usage: '[OPTIONS]',
    examples: [{ about: 'Those that no container uses', line: 'windowbox volume ls -f dangling=true' }],
    flags: {
      filter: filterFlag,
      format: formatFlag,
      quiet: { kind: 'bool', short: 'q', help: 'Only display volume names' },
    },
    takes: { exactly: 0 },
    run: async ({ flags, client }) => {
      const { Volumes, Warnings } = await client().json<{
        Volumes: readonly VolumeShape[] | null;
        Warnings: readonly string[] | null;
      }>({ method: 'GET', path: '/volumes', query: { filters: filtersQuery(flags.all('filter')) } });
      for (const warning of Warnings ?? []) printError(`WARNING: ${warning}\n`);
      const volumes = [...(Volumes ?? [])].sort((a, b) => (a.Name < b.Name ? -1 : 1));
      const quiet = flags.isOn('quiet') ? 'Name' : undefined;
      print(
        renderList(volumes, { columns: volumeColumns, table: ['Driver', 'Name'], format: flags.text('format'), quiet }),
      );
      return 0;
    },
  });
}

/** What `volume ls` can show. */
export const volumeColumns: Columns<VolumeShape> = {
  Name: { header: 'VOLUME NAME', text: ({ Name }) => Name },
  Driver: { header: 'DRIVER', text: ({ Driver }) => Driver },
  Scope: { header: 'SCOPE', text: ({ Scope }) => Scope },
  Mountpoint: { header: 'MOUNTPOINT', text: ({ Mountpoint }) => Mountpoint },
  Labels: { header: 'LABELS', text: ({ Labels }) => joinLabels(Labels) },
  Label: { header: 'LABEL', method: ({ Labels }, name) => Labels?.[name] ?? '' },
  Links: { header: 'LINKS', text: ({ UsageData }) => (UsageData === undefined ? 'N/A' : String(UsageData.RefCount)) },
  Size: {
    header: 'SIZE',
    text: ({ UsageData }) => (UsageData === undefined ? 'N/A' : formatDecimalSize(UsageData.Size)),
  },
};

export function makeVolumeRmCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Remove one or more volumes',
    usage: '[OPTIONS] VOLUME [VOLUME...]',
    examples: [{ about: 'Remove one', line: 'windowbox volume rm data' }],
    flags: { force: { kind: 'bool', short: 'f', help: 'Force the removal of one or more volumes' } },
    takes: { atLeast: 1 },
    run: async ({ args, flags, client }) =>
      forEachTarget(args, async (name) => {
        try {
          const query = { force: flags.isOn('force') ? 1 : undefined };
          await client().json({ method: 'DELETE', path: `/volumes/${encodeURIComponent(name)}`, query });
        } catch (error) {
          if (!flags.isOn('force') || !isErrorCode(error, 'not-found')) throw error;
        }
        return name;
      }),
  });
}
