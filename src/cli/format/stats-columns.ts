import type { StatsShape } from '../../docker-api/index.js';
import type { Columns } from './list.js';
import { formatBinarySize, formatDecimalSize } from './sizes.js';
import { shortId } from './texts.js';

/** One container of `stats`; without numbers while none have come. */
export interface StatsRow {
  readonly name: string;
  readonly stats?: StatsShape;
}

/** The columns of `stats` for Windows containers, by Docker's names and headings. */
export function statsColumns(whole: boolean): Columns<StatsRow> {
  const shown =
    (show: (stats: StatsShape) => string) =>
    ({ stats }: StatsRow) =>
      stats === undefined ? '--' : show(stats);
  return {
    Container: { header: 'CONTAINER', text: ({ name }) => name },
    ID: { header: 'CONTAINER ID', text: shown(({ id }) => (whole ? id : shortId(id))) },
    Name: { header: 'NAME', text: shown(({ name }) => name.replace(/^\//u, '')) },
    CPUPerc: { header: 'CPU %', text: shown((stats) => `${cpuPercent(stats).toFixed(2)}%`) },
    MemUsage: {
      header: 'PRIV WORKING SET',
      text: shown(({ memory_stats }) => formatBinarySize(memory_stats.privateworkingset ?? 0)),
    },
    NetIO: { header: 'NET I/O', text: shown(networkTraffic) },
    BlockIO: {
      header: 'BLOCK I/O',
      text: shown(({ storage_stats }) =>
        traffic(storage_stats.read_size_bytes ?? 0, storage_stats.write_size_bytes ?? 0),
      ),
    },
  };
}

/** Used of the possible 100 ns intervals of all processors since the reading before, in percent. */
function cpuPercent({ read, preread, num_procs, cpu_stats, precpu_stats }: StatsShape): number {
  const milliseconds = Date.parse(read) - Date.parse(preread);
  const possible = milliseconds * 1e4 * num_procs;
  const used = cpu_stats.cpu_usage.total_usage - precpu_stats.cpu_usage.total_usage;
  return possible > 0 ? (used / possible) * 100 : 0;
}

function networkTraffic({ networks }: StatsShape): string {
  const sum = (field: 'rx_bytes' | 'tx_bytes'): number =>
    Object.values(networks ?? {}).reduce((total, network) => total + network[field], 0);
  return traffic(sum('rx_bytes'), sum('tx_bytes'));
}

function traffic(incoming: number, outgoing: number): string {
  return `${formatDecimalSize(incoming, 3)} / ${formatDecimalSize(outgoing, 3)}`;
}
