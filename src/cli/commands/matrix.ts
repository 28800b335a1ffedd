import { Command } from 'commander';
import { allBases, decide, type ImageTarget, readImage, targetOfBase, type Verdict } from '../../rules/index.js';
import { addFormatOptions, type FormatOptions, printResult } from '../output/print-result.js';
import type { Cell } from '../output/table.js';
import { gatherHosts, type HostOptions } from '../rules/gather-hosts.js';

interface MatrixOptions extends FormatOptions, HostOptions {
  readonly image?: readonly string[];
  readonly ruleset?: string;
  readonly strict?: true;
}

export function makeMatrixCommand(): Command {
  const command = new Command()
    .description(
      'Show which images run on which hosts: P+H in both isolations, H in Hyper-V only, P in process only, none, or unknown.',
    )
    .option('--host <host...>', 'hosts to show (default: all)')
    .option('--image <image...>', 'images to show (default: one for each Windows release)')
    .option('--engine <version>', 'Docker Engine of the hosts')
    .option(
      '--ruleset <name>',
      'who decides: windowbox, microsoft, microsoft@DATE, hcsshim, containerd, docker-pull, observed',
    )
    .option('--strict', 'only what no source denies')
    .addHelpText('after', examples)
    .action(matrix);
  return addFormatOptions(command);
}

async function matrix(options: MatrixOptions): Promise<void> {
  const hosts = await gatherHosts(options.host === undefined ? { ...options, allHosts: true } : options);
  const images = options.image === undefined ? everyRelease() : options.image.map(readImage);
  const rows = hosts.map((host) => ({ host, verdicts: images.map((image) => decide({ ...options, host, image })) }));
  printResult(
    {
      table: {
        columns: ['HOST', 'BUILD', ...images.map(({ label }) => label)],
        rows: rows.map(({ host, verdicts }) => [host.id, String(host.build), ...verdicts.map(cell)]),
      },
      after: '\nP+H both isolations   P process only   H Hyper-V only   ? that one unknown\n',
      json: rows.flatMap(({ host, verdicts }) =>
        verdicts.map(({ image, modes, defaultIsolation }) => ({
          host: host.id,
          image: image.label,
          process: modes.process.answer,
          hyperv: modes.hyperv.answer,
          defaultIsolation,
        })),
      ),
    },
    options,
  );
}

/** One column for each build, named by its newest tag: the product makes no difference to the build rules. */
function everyRelease(): readonly ImageTarget[] {
  const bases = allBases().toReversed();
  const builds = [...new Set(bases.map(({ build }) => build))];
  return builds.flatMap((build) => {
    const base = bases.find((candidate) => candidate.build === build && candidate.product === 'servercore');
    return base === undefined ? [] : [targetOfBase(base, base.canonical.split(':')[1] ?? base.canonical)];
  });
}

function cell({ modes }: Verdict): Cell {
  const [process, hyperv] = [modes.process.answer, modes.hyperv.answer];
  if (process === 'allowed' && hyperv === 'allowed') return { text: 'P+H', colour: 'green' };
  if (process === 'allowed') return { text: hyperv === 'unknown' ? 'P+?' : 'P', colour: 'green' };
  if (hyperv === 'allowed') return { text: 'H', colour: 'yellow' };
  if (process === 'unknown' || hyperv === 'unknown') return { text: 'unknown', colour: 'dim' };
  return { text: 'none', colour: 'red' };
}

const examples = `
Examples:
  windowbox matrix
  windowbox matrix --host windows-10-1909 ws2022 --image 1809 1903 ltsc2022
  windowbox matrix --ruleset microsoft@2019-11-13 --markdown`;
