import { type Report, reports } from '../data/reports.js';
import { sources } from '../data/sources.js';
import type { BaseProduct, IsolationMode, Opinion, Pair, Ruleset, Source } from '../model.js';

/** What people reported. Where reports contradict each other, or depend on an update, the answer is unknown. */
export const observedRuleset: Ruleset = {
  name: 'observed',
  summary: 'what users reported from real hosts',
  source: sources.reports,
  judge: (pair) => ({ process: opinionOf(pair, 'process'), hyperv: opinionOf(pair, 'hyperv') }),
};

/** The reports about this pair and mode, those about the image's own product first. */
export function reportsOf(pair: Pair, mode: IsolationMode): readonly Report[] {
  const found = reportsByPair.get(keyOf(pair));
  if (found === undefined) return [];
  return found.filter((report) => report.mode !== other[mode] && speaksOf(report, pair.product));
}

/** One line for people: `works (nanoserver:1809 only): MicrosoftDocs/Virtualization-Documentation#1286`. */
export function describeReport(report: Report): string {
  const what = report.mode === 'pull' ? 'pull refused' : report.works ? 'works' : 'fails';
  return `${what}${report.detail === undefined ? '' : ` (${report.detail})`}: ${report.where}`;
}

export function sourceOfReport({ where }: Report): Source {
  return { title: 'Users’ reports', where };
}

function opinionOf(pair: Pair, mode: IsolationMode): Opinion {
  const found = reportsOf(pair, mode);
  if (found.length === 0) return none;
  const reason = found.map(describeReport).join('; ');
  const source = { title: 'Users’ reports', where: found.map(({ where }) => where).join(', ') };
  const decided = found.filter(({ conditional }) => conditional === undefined);
  const allWork = decided.length > 0 && decided.every(({ works }) => works);
  const allFail = decided.length > 0 && decided.every(({ works }) => !works);
  return { answer: allWork ? 'allowed' : allFail ? 'refused' : 'unknown', reason, source };
}

/** A report about nanoserver alone says nothing of servercore; it counts when nothing is known of the image's product. */
function speaksOf(report: Report, product: BaseProduct | undefined): boolean {
  return report.product === undefined || product === undefined || report.product === product;
}

function keyOf({ kind, hostBuild, imageBuild }: Pick<Pair, 'kind' | 'hostBuild' | 'imageBuild'>): string {
  return `${kind} ${String(hostBuild)} ${String(imageBuild)}`;
}

const other = { process: 'hyperv', hyperv: 'process' } as const;
const none: Opinion = { answer: 'unknown', reason: 'nobody reported this pair', source: sources.reports };
const reportsByPair = new Map<string, Report[]>();
for (const report of reports) {
  const key = keyOf(report);
  const list = reportsByPair.get(key);
  if (list === undefined) reportsByPair.set(key, [report]);
  else list.push(report);
}
