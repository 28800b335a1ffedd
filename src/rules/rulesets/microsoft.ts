import { type TableSnapshot, tableSnapshots } from '../data/microsoft-table.js';
import { sources, tablePage } from '../data/sources.js';
import type { Answer, HostKind, Opinion, Opinions, Pair, Ruleset, Source } from '../model.js';

/**
 * Microsoft's page: the newest row that covers the pair, as of `date` (all: today); else what its text says; else its general rule.
 * A row that the page has dropped since keeps its last answer: the releases ended, their rules did not change.
 */
export function microsoftRuleset(date?: string): Ruleset {
  const cells = cellsUntil(date);
  return {
    name: date === undefined ? 'microsoft' : `microsoft@${date}`,
    summary: date === undefined ? 'Microsoft’s page, newest row for each pair' : `Microsoft’s page as of ${date}`,
    source: tablePage('b9fb379f', '2025-09-17'),
    judge: (pair) => cells.get(keyOf(pair.kind, pair.hostBuild, pair.imageBuild)) ?? withoutRow(pair, date),
  };
}

/** True when the table has, or had, a row for this pair. */
export function hasTableRow(pair: Pair): boolean {
  return cellsUntil(undefined).has(keyOf(pair.kind, pair.hostBuild, pair.imageBuild));
}

/** The newest snapshot that said something else of this pair than `answer`, for people who remember another table. */
export function earlierAnswer(pair: Pair, mode: 'process' | 'hyperv', answer: Answer): Opinion | undefined {
  for (const snapshot of tableSnapshots.toReversed()) {
    const cell = cellsOf(snapshot).get(keyOf(pair.kind, pair.hostBuild, pair.imageBuild))?.[mode];
    if (cell !== undefined && cell.answer !== answer)
      return { ...cell, source: tablePage(snapshot.commit, snapshot.date) };
  }
  return undefined;
}

function withoutRow({ kind, hostBuild, imageBuild }: Pair, date: string | undefined): Opinions {
  if (imageBuild > hostBuild) return newer;
  if (kind === 'server' && hostBuild === annualChannelBuild && (date === undefined || date >= '2023-10-24'))
    return imageBuild === annualChannelImage ? annualChannel : annualChannelOther;
  if (imageBuild < hostBuild) return olderWithoutRow;
  return kind === 'server' ? sameWithoutRow : sameClientWithoutRow;
}

function cellsUntil(date: string | undefined): ReadonlyMap<number, Opinions> {
  const key = date ?? '';
  const known = cellsByDate.get(key);
  if (known !== undefined) return known;
  const cells = new Map<number, Opinions>();
  for (const snapshot of tableSnapshots) {
    if (date !== undefined && snapshot.date > date) break;
    for (const [pair, opinions] of cellsOf(snapshot)) cells.set(pair, opinions);
  }
  cellsByDate.set(key, cells);
  return cells;
}

/** Only builds of known hosts get a cell: a row "22000+" is about the releases that there are. */
function cellsOf(snapshot: TableSnapshot): ReadonlyMap<number, Opinions> {
  const known = cellsBySnapshot.get(snapshot);
  if (known !== undefined) return known;
  const { commit, date } = snapshot.confirmed ?? snapshot;
  const opinions = opinionsFrom(tablePage(commit, date));
  const cells = new Map<number, Opinions>();
  for (const [row, letters] of Object.entries(snapshot.rows)) {
    const { kind, builds } = readRow(row);
    for (const [index, imageBuild] of snapshot.images.entries()) {
      const cell = opinions[letters[index] ?? ''];
      if (cell === undefined) continue;
      for (const hostBuild of builds) cells.set(keyOf(kind, hostBuild, imageBuild), cell);
    }
  }
  cellsBySnapshot.set(snapshot, cells);
  return cells;
}

function readRow(row: string): { kind: HostKind; builds: readonly number[] } {
  const [kind, range = ''] = row.split(' ');
  const [first = '', last] = range.replace('+', '-99999').split('-');
  const from = Number(first);
  const to = Number(last ?? first);
  return {
    kind: kind === 'server' ? 'server' : 'client',
    builds: clientAndServerBuilds.filter((build) => build >= from && build <= to),
  };
}

function opinionsFrom(source: Source): Readonly<Record<string, Opinions>> {
  const allowed = (mode: string): Opinion => ({ answer: 'allowed', reason: `the table allows ${mode}`, source });
  const refused = (mode: string): Opinion => ({
    answer: 'refused',
    reason: `the table does not allow ${mode}`,
    source,
  });
  const [process, hyperv] = ['process isolation', 'Hyper-V isolation'];
  return {
    B: { process: allowed(process), hyperv: allowed(hyperv) },
    H: {
      process: { answer: 'refused', reason: 'the table says Hyper-V isolation only', source },
      hyperv: allowed(hyperv),
    },
    '-': { process: refused(process), hyperv: refused(hyperv) },
  };
}

/** One number for a pair; builds have five digits. */
function keyOf(kind: HostKind, hostBuild: number, imageBuild: number): number {
  return ((kind === 'server' ? 1 : 0) * 1_000_000 + hostBuild) * 1_000_000 + imageBuild;
}

const annualChannelBuild = 25398;
const annualChannelImage = 20348;
const cellsByDate = new Map<string, ReadonlyMap<number, Opinions>>();
const cellsBySnapshot = new Map<TableSnapshot, ReadonlyMap<number, Opinions>>();

const clientAndServerBuilds = [
  14393, 15063, 16299, 17134, 17763, 18362, 18363, 19041, 19042, 19043, 19044, 19045, 20348, 22000, 22621, 22631, 26100,
  26200, 28000,
] as const;

const unknownHyperv: Opinion = {
  answer: 'unknown',
  reason: 'no table has this pair; the text implies that Hyper-V isolation works',
  source: sources.hypervAnyOlder,
};
const newerRefused: Opinion = {
  answer: 'refused',
  reason: 'the image is newer than the host',
  source: sources.newerNeverOnOlder,
};
const newer: Opinions = { process: newerRefused, hyperv: newerRefused };
const annualChannel: Opinions = {
  process: { answer: 'allowed', reason: 'a 23H2 host supports the 2022 image', source: sources.portability },
  hyperv: { answer: 'unknown', reason: 'Hyper-V isolation on 23H2 is not stated', source: sources.portability },
};
const annualChannelOther: Opinions = {
  process: { answer: 'refused', reason: 'a 23H2 host supports the 2022 image only', source: sources.portability },
  hyperv: annualChannel.hyperv,
};
const olderWithoutRow: Opinions = {
  process: { answer: 'refused', reason: 'the builds differ', source: sources.mismatchBlocked },
  hyperv: unknownHyperv,
};
const sameWithoutRow: Opinions = {
  process: { answer: 'allowed', reason: 'the builds are the same', source: sources.mismatchBlocked },
  hyperv: { answer: 'allowed', reason: 'the builds are the same', source: sources.hypervAnyOlder },
};
const sameClientWithoutRow: Opinions = {
  process: { answer: 'unknown', reason: 'no table has this client', source: sources.mismatchBlocked },
  hyperv: sameWithoutRow.hyperv,
};
