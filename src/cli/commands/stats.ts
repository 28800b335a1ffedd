import type { ContainerSummary, StatsShape } from '../../docker-api/index.js';
import { isErrorCode } from '../../errors/index.js';
import type { Client } from '../connection/client.js';
import { type CommandDefinition, type CommandInput, defineCommand } from '../define/command.js';
import { formatFlag } from '../define/common-flags.js';
import type { FlagTable } from '../define/flag.js';
import { renderList } from '../format/list.js';
import { jsonLines } from '../streams/json-lines.js';
import { print } from '../streams/print.js';
import { statsColumns, type StatsRow } from '../format/stats-columns.js';

const statsFlags = {
  all: { kind: 'bool', short: 'a', help: 'Show all containers (default shows just running)' },
  format: formatFlag,
  'no-stream': { kind: 'bool', help: 'Disable streaming stats and only pull the first result' },
  'no-trunc': { kind: 'bool', help: 'Do not truncate output' },
} as const satisfies FlagTable;

export function makeStatsCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Display a live stream of container(s) resource usage statistics',
    usage: '[OPTIONS] [CONTAINER...]',
    examples: [{ about: 'Once, for all that run', line: 'windowbox stats --no-stream' }],
    flags: statsFlags,
    takes: { atLeast: 0 },
    run: async ({ args, flags, client }) => {
      const names = args.length > 0 ? args : await containerNames(client(), flags.isOn('all'));
      if (flags.isOn('no-stream')) {
        const rows = await Promise.all(names.map(async (name) => readOnce(client(), name)));
        print(render(rows, flags));
        return 0;
      }
      return follow(client(), names, flags);
    },
  });
}

type Flags = CommandInput<typeof statsFlags>['flags'];

/** Shows the newest of each once a second, in place on a terminal, until all have ended or Ctrl-C. */
async function follow(client: Client, names: readonly string[], flags: Flags): Promise<number> {
  const rows = new Map<string, StatsRow>(names.map((name) => [name, { name }]));
  const show = (): void => {
    const clear = process.stdout.isTTY ? '\u001B[2J\u001B[H' : '';
    print(`${clear}${render([...rows.values()], flags)}`);
  };
  const timer = setInterval(show, 1000);
  const streams = names.map(async (name) => {
    try {
      const response = await client.send({
        method: 'GET',
        path: `/containers/${encodeURIComponent(name)}/stats`,
        query: { stream: 1 },
      });
      for await (const stats of jsonLines<StatsShape>(response)) rows.set(name, { name, stats });
    } catch (error) {
      // Removed while we looked: its row goes.
      if (!isErrorCode(error, 'not-found')) throw error;
      rows.delete(name);
    }
  });
  try {
    await Promise.all(streams);
  } finally {
    clearInterval(timer);
  }
  return 0;
}

function render(rows: readonly StatsRow[], flags: Flags): string {
  return renderList(rows, {
    columns: statsColumns(flags.isOn('no-trunc')),
    table: ['ID', 'Name', 'CPUPerc', 'MemUsage', 'NetIO', 'BlockIO'],
    format: flags.text('format'),
  });
}

async function readOnce(client: Client, name: string): Promise<StatsRow> {
  const path = `/containers/${encodeURIComponent(name)}/stats`;
  return { name, stats: await client.json<StatsShape>({ method: 'GET', path, query: { stream: 0 } }) };
}

async function containerNames(client: Client, all: boolean): Promise<readonly string[]> {
  const containers = await client.json<readonly ContainerSummary[]>({
    method: 'GET',
    path: '/containers/json',
    query: { all: all ? 1 : undefined },
  });
  return containers.map(({ Id }) => Id);
}
