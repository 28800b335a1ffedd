import { isErrorCode } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { pruneFlags } from '../define/common-flags.js';
import { formatDecimalSize } from '../format/sizes.js';
import { pruneReport } from '../format/prune-report.js';
import { filtersQuery } from '../parse/filters.js';
import { confirm } from '../streams/confirm.js';
import { print } from '../streams/print.js';

type Filters = Readonly<Record<string, readonly string[]>>;

interface Pruned {
  readonly title: string;
  readonly removed: readonly string[];
  readonly reclaimed: number;
}

export function makeContainerPruneCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Remove all stopped containers',
    usage: '[OPTIONS]',
    examples: [{ about: 'Without asking', line: 'windowbox container prune -f' }],
    flags: pruneFlags,
    takes: { exactly: 0 },
    run: async ({ flags, client }) => {
      if (!flags.isOn('force') && !confirm('WARNING! This will remove all stopped containers.')) return 0;
      show(await pruneContainers(client(), filtersQuery(flags.all('filter'))));
      return 0;
    },
  });
}

export function makeNetworkPruneCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Remove all unused networks',
    usage: '[OPTIONS]',
    examples: [{ about: 'Without asking', line: 'windowbox network prune -f' }],
    flags: pruneFlags,
    takes: { exactly: 0 },
    run: async ({ flags, client }) => {
      const warning = 'WARNING! This will remove all custom networks not used by at least one container.';
      if (!flags.isOn('force') && !confirm(warning)) return 0;
      const { title, removed } = await pruneNetworks(client(), filtersQuery(flags.all('filter')));
      if (removed.length > 0) print(`${title}:\n${removed.map((name) => `${name}\n`).join('')}\n`);
      return 0;
    },
  });
}

export function makeVolumePruneCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Remove unused local volumes',
    usage: '[OPTIONS]',
    examples: [{ about: 'Named ones too, without asking', line: 'windowbox volume prune -af' }],
    flags: {
      ...pruneFlags,
      all: { kind: 'bool', short: 'a', help: 'Remove all unused volumes, not just anonymous ones' },
    },
    takes: { exactly: 0 },
    run: async ({ flags, client }) => {
      const which = flags.isOn('all') ? 'all' : 'anonymous';
      const warning = `WARNING! This will remove ${which} local volumes not used by at least one container.`;
      if (!flags.isOn('force') && !confirm(warning)) return 0;
      const more: Filters = flags.isOn('all') ? { all: ['true'] } : {};
      show(await pruneVolumes(client(), filtersQuery(flags.all('filter'), more)));
      return 0;
    },
  });
}

export function makeImagePruneCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Remove unused images',
    usage: '[OPTIONS]',
    examples: [{ about: 'All that no container uses, without asking', line: 'windowbox image prune -af' }],
    flags: {
      ...pruneFlags,
      all: { kind: 'bool', short: 'a', help: 'Remove all unused images, not just dangling ones' },
    },
    takes: { exactly: 0 },
    run: async ({ flags, client }) => {
      const all = flags.isOn('all');
      const warning = all
        ? 'WARNING! This will remove all images without at least one container associated to them.'
        : 'WARNING! This will remove all dangling images.';
      if (!flags.isOn('force') && !confirm(warning)) return 0;
      show(await pruneImages(client(), filtersQuery(flags.all('filter'), { dangling: [String(!all)] })));
      return 0;
    },
  });
}

export function makeBuilderPruneCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Remove build cache',
    usage: '[OPTIONS]',
    examples: [{ about: 'All of it, without asking', line: 'windowbox builder prune -af' }],
    flags: {
      ...pruneFlags,
      all: { kind: 'bool', short: 'a', help: 'Remove all unused build cache, not just dangling ones' },
      'keep-storage': { kind: 'bytes', help: 'Amount of disk space to keep for cache' },
    },
    takes: { exactly: 0 },
    run: async ({ flags, client }) => {
      const which = flags.isOn('all') ? 'all' : 'all dangling';
      if (!flags.isOn('force') && !confirm(`WARNING! This will remove ${which} build cache.`)) return 0;
      const keep = flags.number('keep-storage');
      const { removed, reclaimed } = await pruneCaches(client(), filtersQuery(flags.all('filter')), keep);
      const ids = removed.map((id) => `${id}\n`).join('');
      print(
        `${ids === '' ? '' : `Deleted build cache objects:\n${ids}\n`}Total reclaimed space: ${formatDecimalSize(reclaimed)}\n`,
      );
      return 0;
    },
  });
}

export function makeSystemPruneCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Remove unused data',
    usage: '[OPTIONS]',
    examples: [
      { about: 'Images that no container uses and volumes too', line: 'windowbox system prune -af --volumes' },
    ],
    flags: {
      ...pruneFlags,
      all: { kind: 'bool', short: 'a', help: 'Remove all unused images not just dangling ones' },
      volumes: { kind: 'bool', help: 'Prune anonymous volumes' },
    },
    takes: { exactly: 0 },
    run: async ({ flags, client: open }) => {
      const [all, volumes] = [flags.isOn('all'), flags.isOn('volumes')];
      if (!flags.isOn('force') && !confirm(systemWarning(all, volumes))) return 0;
      const client = open();
      const filters = filtersQuery(flags.all('filter'));
      const done = [await pruneContainers(client, filters), await pruneNetworks(client, filters)];
      if (volumes) done.push(await pruneVolumes(client, filters));
      done.push(await pruneImages(client, filtersQuery(flags.all('filter'), { dangling: [String(!all)] })));
      done.push(await pruneTemplates(client, all));
      done.push(await pruneCaches(client, filters));
      for (const { title, removed } of done)
        if (removed.length > 0) print(`${title}:\n${removed.map((name) => `${name}\n`).join('')}\n`);
      print(
        pruneReport(
          '',
          [],
          done.reduce((sum, { reclaimed }) => sum + reclaimed, 0),
        ),
      );
      return 0;
    },
  });
}

function systemWarning(all: boolean, volumes: boolean): string {
  return [
    'WARNING! This will remove:',
    '  - all stopped containers',
    '  - all networks not used by at least one container',
    ...(volumes ? ['  - all anonymous volumes not used by at least one container'] : []),
    all ? '  - all images without at least one container associated to them' : '  - all dangling images',
    all ? '  - all VM templates that no container runs on' : '  - all VM templates that fit no more',
    '  - unused build cache',
    '',
  ].join('\n');
}

function show({ title, removed, reclaimed }: Pruned): void {
  print(pruneReport(title, removed, reclaimed));
}

async function pruneContainers(client: Client, filters: string | undefined): Promise<Pruned> {
  const answer = await client.json<{ ContainersDeleted: readonly string[] | null; SpaceReclaimed: number }>({
    method: 'POST',
    path: '/containers/prune',
    query: { filters },
  });
  return { title: 'Deleted Containers', removed: answer.ContainersDeleted ?? [], reclaimed: answer.SpaceReclaimed };
}

async function pruneNetworks(client: Client, filters: string | undefined): Promise<Pruned> {
  const answer = await client.json<{ NetworksDeleted: readonly string[] | null }>({
    method: 'POST',
    path: '/networks/prune',
    query: { filters },
  });
  return { title: 'Deleted Networks', removed: answer.NetworksDeleted ?? [], reclaimed: 0 };
}

async function pruneVolumes(client: Client, filters: string | undefined): Promise<Pruned> {
  const answer = await client.json<{ VolumesDeleted: readonly string[] | null; SpaceReclaimed: number }>({
    method: 'POST',
    path: '/volumes/prune',
    query: { filters },
  });
  return { title: 'Deleted Volumes', removed: answer.VolumesDeleted ?? [], reclaimed: answer.SpaceReclaimed };
}

/** Filters mean nothing to a template, which has no labels. */
async function pruneTemplates(client: Client, all: boolean): Promise<Pruned> {
  const none = { TemplatesDeleted: [], SpaceReclaimed: 0 };
  const answer = await client
    .json<{ TemplatesDeleted: readonly string[]; SpaceReclaimed: number }>({
      method: 'POST',
      path: '/templates/prune',
      query: { all: all ? 1 : 0 },
    })
    .catch((error: unknown) => {
      // A Docker engine has none.
      if (isErrorCode(error, 'not-found')) return none;
      throw error;
    });
  return { title: 'Deleted VM Templates', removed: answer.TemplatesDeleted, reclaimed: answer.SpaceReclaimed };
}

async function pruneCaches(client: Client, filters: string | undefined, keep?: number): Promise<Pruned> {
  const { CachesDeleted, SpaceReclaimed } = await client.json<{
    CachesDeleted: readonly string[] | null;
    SpaceReclaimed: number;
  }>({ method: 'POST', path: '/build/prune', query: { all: 1, filters, 'keep-storage': keep } });
  return { title: 'Deleted build cache objects', removed: CachesDeleted ?? [], reclaimed: SpaceReclaimed };
}

async function pruneImages(client: Client, filters: string | undefined): Promise<Pruned> {
  const answer = await client.json<{
    ImagesDeleted: readonly { readonly Untagged?: string; readonly Deleted?: string }[] | null;
    SpaceReclaimed: number;
  }>({ method: 'POST', path: '/images/prune', query: { filters } });
  const removed = (answer.ImagesDeleted ?? []).map(({ Untagged, Deleted }) =>
    Untagged === undefined ? `deleted: ${Deleted ?? ''}` : `untagged: ${Untagged}`,
  );
  return { title: 'Deleted Images', removed, reclaimed: answer.SpaceReclaimed };
}
