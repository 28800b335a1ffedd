import { Command } from 'commander';
import { allBases, type Base, osVersionText, tagsForBase } from '../../rules/index.js';
import { addFormatOptions, type FormatOptions, printResult } from '../output/print-result.js';
import type { Cell } from '../output/table.js';

export function makeBasesCommand(): Command {
  const command = new Command()
    .description(
      'List Microsoft’s base images, their tags and versions.\n\n' +
        'Windowbox uses its own stand-in, made from Wine, wherever an image names one of them: not one byte of Microsoft’s is downloaded.',
    )
    .argument('[text]', 'only those whose name or tags have this text in them')
    .addHelpText('after', '\nExamples:\n  windowbox bases\n  windowbox bases nanoserver --json')
    .action(list);
  return addFormatOptions(command);
}

function list(text: string | undefined, options: FormatOptions): void {
  const wanted = text?.toLowerCase() ?? '';
  const bases = allBases().filter((base) =>
    `${base.canonical} ${tagsForBase(base).join(' ')}`.toLowerCase().includes(wanted),
  );
  const today = new Date().toISOString().slice(0, 10);
  printResult(
    {
      table: {
        columns: ['REPOSITORY', 'TAGS', 'OS VERSION', 'USER', 'RELEASED', 'SUPPORT ENDS'],
        rows: bases.map((base) => row(base, today)),
      },
      json: bases.map((base) => ({ ...base, tags: tagsForBase(base), osVersion: osVersionText(base.osVersion) })),
    },
    options,
  );
}

function row(base: Base, today: string): readonly Cell[] {
  const end = base.endOfSupport ?? '';
  return [
    base.canonical.split(':')[0] ?? '',
    tagsForBase(base).join(', '),
    osVersionText(base.osVersion),
    base.defaultUser,
    base.released ?? '',
    end !== '' && end < today ? { text: end, colour: 'red' } : end,
  ];
}
