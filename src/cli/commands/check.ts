import { Command, Option } from 'commander';
import { isGood, type Verdict, waysOut } from '../../rules/index.js';
import { wantsColour } from '../output/colour.js';
import { addFormatOptions, type FormatOptions, printResult } from '../output/print-result.js';
import type { Cell } from '../output/table.js';
import { answerColours, describeVerdict } from '../rules/describe-verdict.js';
import { gatherHosts, type HostOptions } from '../rules/gather-hosts.js';
import { gatherImages } from '../rules/gather-images.js';
import { judgeDocument } from '../rules/judge-document.js';
import { verdictJson } from '../rules/verdict-json.js';

interface CheckOptions extends FormatOptions, HostOptions {
  readonly isolation?: string;
  readonly purpose?: 'development' | 'production';
  readonly hypervContainers?: number;
  readonly ruleset?: string;
  readonly strict?: true;
}

export function makeCheckCommand(): Command {
  const command = new Command()
    .description(
      'Say whether images run on Windows hosts: in process isolation, in Hyper-V isolation, or not, and why.\n\n' +
        'An IMAGE is a reference, a tag, a version, a file, or - for standard input: the JSON of "docker image inspect",\n' +
        'of a manifest or an index, or a list of names.',
    )
    .argument('<image...>', 'mcr.microsoft.com/windows/servercore:ltsc2019, ltsc2019, 10.0.17763.1039, index.json, -')
    .option(
      '--host <host...>',
      'id, name, build, or file: docker info or kubectl get nodes as JSON, or names (default: the daemon’s)',
    )
    .option('--all-hosts', 'every known Windows release')
    .addOption(new Option('--isolation <mode>', 'isolation to judge').choices(['default', 'process', 'hyperv', 'auto']))
    .option('--engine <version>', 'Docker Engine of the host, for example 18.09.0')
    .option('--edition <edition>', 'edition of the host: Standard, Datacenter, Pro, Enterprise, IoT Enterprise')
    .addOption(new Option('--purpose <purpose>', 'judge the licence for it').choices(['development', 'production']))
    .option('--hyperv-containers <count>', 'Hyper-V-isolated containers at once, for the licence', readCount)
    .option(
      '--ruleset <name>',
      'who decides: windowbox, microsoft, microsoft@DATE, hcsshim, containerd, docker-pull, observed',
    )
    .option('--strict', 'only what no source denies')
    .addHelpText('after', examples)
    .action(check);
  return addFormatOptions(command);
}

async function check(words: readonly string[], options: CheckOptions): Promise<void> {
  const hosts = await gatherHosts(options);
  const documents = await gatherImages(words);
  const question = { ...options, today: new Date().toISOString().slice(0, 10) };
  const verdicts = documents.flatMap((document) => hosts.map((host) => judgeDocument(document, host, question)));
  print(verdicts, options);
  process.exitCode = verdicts.every(isGood) ? 0 : 1;
}

function print(verdicts: readonly Verdict[], options: CheckOptions): void {
  const [only] = verdicts;
  const isPlain = options.json === undefined && options.markdown === undefined && options.csv === undefined;
  if (isPlain && verdicts.length === 1 && only !== undefined) {
    process.stdout.write(describeVerdict(only, { colour: wantsColour(process.stdout) }));
    return;
  }
  const columns = ['IMAGE', 'HOST', 'PROCESS', 'HYPERV', 'ISOLATION', 'RUNS', 'WHY'];
  printResult(
    { table: { columns, rows: verdicts.map(row) }, after: summary(verdicts), json: verdicts.map(verdictJson) },
    options,
  );
}

function row(verdict: Verdict): readonly Cell[] {
  const { image, host, modes, isolation, answer, licence } = verdict;
  const runs = isGood(verdict) ? 'yes' : answer === 'unknown' ? 'unknown' : 'no';
  const why =
    answer === 'allowed' && licence.answer === 'refused' ? (licence.conditions[0] ?? '') : modes[isolation].reason;
  return [
    image.label,
    host.id,
    { text: modes.process.answer, colour: answerColours[modes.process.answer] },
    { text: modes.hyperv.answer, colour: answerColours[modes.hyperv.answer] },
    isolation,
    { text: runs, colour: runs === 'yes' ? 'green' : runs === 'no' ? 'red' : 'yellow' },
    why,
  ];
}

/** How many run, and what to change for those that do not: each change once. */
function summary(verdicts: readonly Verdict[]): string {
  const failing = verdicts.filter((verdict) => !isGood(verdict));
  const counts = `\n${String(verdicts.length - failing.length)} of ${String(verdicts.length)} run.\n`;
  const changes = new Map<string, number>();
  for (const verdict of failing) {
    const [first] = waysOut(verdict);
    if (first === undefined) continue;
    const line = first.command ?? first.text;
    changes.set(line, (changes.get(line) ?? 0) + 1);
  }
  const lines = [...changes].toSorted((a, b) => b[1] - a[1]).slice(0, maxChanges);
  if (lines.length === 0) return counts;
  return `${counts}\nWhat to change:\n${lines.map(([line, count]) => `  ${line}${count === 1 ? '' : `   (${String(count)} times)`}\n`).join('')}`;
}

function readCount(text: string): number {
  return Math.max(0, Number.parseInt(text, 10) || 0);
}

const maxChanges = 20;
const examples = `
Exit code: 0 all run, 1 some do not (in the isolation asked for, under the licence for the purpose given), 2 bad usage.

Examples:
  windowbox check mcr.microsoft.com/windows/servercore:ltsc2019 --host windows-10-1909
  windowbox check ltsc2022 --all-hosts --isolation process
  windowbox check 10.0.17763.1039 --host windows-10-1809 --engine 18.09.0 --isolation process
  docker image inspect myapp | windowbox check - --host ws2022
  kubectl get nodes -o json > nodes.json; windowbox check myapp:1809 --host nodes.json --json`;
