import type { ContainerSummary } from '../../docker-api/index.js';
import { defineCommand, type CommandDefinition } from '../define/command.js';
import { type Columns, renderList } from '../format/list.js';
import { displayPorts } from '../format/ports.js';
import { formatDecimalSize } from '../format/sizes.js';
import { ago, ellipsis, goDate, joinLabels, shortId } from '../format/texts.js';
import { filtersQuery } from '../parse/filters.js';
import { print } from '../streams/print.js';

export function makePsCommand(): CommandDefinition {
  return defineCommand({
    summary: 'List containers',
    usage: '[OPTIONS]',
    examples: [
      { about: 'All of them, also those that have ended', line: 'windowbox ps -a' },
      {
        about: 'Names and states of one image’s containers',
        line: "windowbox ps -a --filter ancestor=my/app:1 --format '{{.Names}}: {{.Status}}'",
      },
    ],
    flags: {
      all: { kind: 'bool', short: 'a', help: 'Show all containers (default shows just running)' },
      filter: { kind: 'list', short: 'f', value: 'filter', help: 'Filter output based on conditions provided' },
      format: {
        kind: 'string',
        help: "Format output using a custom template: 'table', 'table TEMPLATE', 'json', 'TEMPLATE'",
      },
      last: {
        kind: 'int',
        short: 'n',
        help: 'Show n last created containers (includes all states)',
        shownDefault: '-1',
      },
      latest: { kind: 'bool', short: 'l', help: 'Show the latest created container (includes all states)' },
      'no-trunc': { kind: 'bool', help: "Don't truncate output" },
      quiet: { kind: 'bool', short: 'q', help: 'Only display container IDs' },
      size: { kind: 'bool', short: 's', help: 'Display total file sizes' },
    },
    takes: { exactly: 0 },
    run: async ({ client, flags }) => {
      const limit = flags.isOn('latest') ? 1 : (flags.number('last') ?? -1);
      const format = flags.text('format');
      const size = flags.isOn('size') || /\.Size\b/u.test(format ?? '');
      const containers = await client().json<readonly ContainerSummary[]>({
        method: 'GET',
        path: '/containers/json',
        query: {
          all: flags.isOn('all') ? 1 : undefined,
          limit: limit > 0 ? limit : undefined,
          size: size ? 1 : undefined,
          filters: filtersQuery(flags.all('filter')),
        },
      });
      const table = [
        'ID',
        'Image',
        'Command',
        'RunningFor',
        'Status',
        'Ports',
        'Names',
        ...(flags.isOn('size') ? ['Size'] : []),
      ];
      const columns = containerColumns(flags.isOn('no-trunc'));
      print(renderList(containers, { columns, table, format, quiet: flags.isOn('quiet') ? 'ID' : undefined }));
      return 0;
    },
  });
}

/** What `ps` can show of a container; `whole`: nothing is cut. */
export function containerColumns(whole: boolean): Columns<ContainerSummary> {
  const cut = (text: string, length: number): string => (whole ? text : ellipsis(text, length));
  return {
    ID: { header: 'CONTAINER ID', text: ({ Id }) => (whole ? Id : shortId(Id)) },
    Image: { header: 'IMAGE', text: ({ Image }) => showImage(Image, whole) },
    Command: { header: 'COMMAND', text: ({ Command }) => JSON.stringify(cut(Command, 20)) },
    CreatedAt: { header: 'CREATED AT', text: ({ Created }) => goDate(new Date(Created * 1000)) },
    RunningFor: { header: 'CREATED', text: ({ Created }) => ago(Created) },
    Ports: { header: 'PORTS', text: ({ Ports }) => displayPorts(Ports ?? []) },
    State: { header: 'STATE', text: ({ State }) => State },
    Status: { header: 'STATUS', text: ({ Status }) => Status },
    Size: { header: 'SIZE', text: showSize },
    Names: { header: 'NAMES', text: ({ Names }) => showNames(Names, whole) },
    Labels: { header: 'LABELS', text: ({ Labels }) => joinLabels(Labels) },
    Label: { header: 'LABEL', method: ({ Labels }, name) => Labels?.[name] ?? '' },
    Mounts: {
      header: 'MOUNTS',
      text: ({ Mounts }) =>
        (Mounts ?? []).map(({ Name, Source }) => cut((Name ?? '') === '' ? Source : (Name ?? ''), 15)).join(','),
    },
    LocalVolumes: {
      header: 'LOCAL VOLUMES',
      text: ({ Mounts }) => String((Mounts ?? []).filter(({ Driver }) => Driver === 'local').length),
    },
    Networks: {
      header: 'NETWORKS',
      text: ({ NetworkSettings }) =>
        Object.keys(NetworkSettings?.Networks ?? {})
          .sort()
          .join(','),
    },
  };
}

function showImage(image: string, whole: boolean): string {
  if (image === '') return '<no image>';
  return image.startsWith('sha256:') && !whole ? shortId(image) : image;
}

function showNames(names: readonly string[], whole: boolean): string {
  const bare = names.map((name) => name.replace(/^\//u, ''));
  return (whole ? bare : bare.filter((name) => !name.includes('/'))).join(',');
}

function showSize({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  const own = formatDecimalSize(SizeRw, 3);
  return SizeRootFs > 0 ? `${own} (virtual ${formatDecimalSize(SizeRootFs, 3)})` : own;
}
