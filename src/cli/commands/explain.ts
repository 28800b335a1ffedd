import { Command } from 'commander';
import { explain, explainedHcsErrors, type Explanation, osVersionText } from '../../rules/index.js';
import { paint, wantsColour } from '../output/colour.js';
import { addFormatOptions, type FormatOptions, printResult } from '../output/print-result.js';
import { readInput } from '../rules/read-input.js';

export function makeExplainCommand(): Command {
  const command = new Command()
    .description('Explain an error: what it means, the likely cause with the versions found in it, and the ways out.')
    .argument('[text...]', 'the message or its code; - or nothing: standard input')
    .option('--list', 'every error code that is known')
    .addHelpText('after', examples)
    .action(run);
  return addFormatOptions(command);
}

async function run(words: readonly string[], options: FormatOptions & { readonly list?: true }): Promise<void> {
  const isInput = words.length === 0 || (words.length === 1 && words[0] === '-');
  const explanations =
    options.list === true ? explainedHcsErrors() : explain(isInput ? await readInput('-') : words.join(' '));
  if (explanations.length === 0) {
    process.stderr.write(
      'windowbox: nothing in this text is known\nSee "windowbox explain --list" for the codes that are.\n',
    );
    process.exitCode = 1;
    return;
  }
  const asText =
    options.list === undefined &&
    options.json === undefined &&
    options.markdown === undefined &&
    options.csv === undefined;
  if (asText) process.stdout.write(explanations.map((explanation) => describe(explanation)).join('\n'));
  else print(explanations, options);
}

function print(explanations: readonly Explanation[], options: FormatOptions): void {
  printResult(
    {
      table: {
        columns: ['CODE', 'NAME', 'MEANING'],
        rows: explanations.map(({ code, names, title, id }) => [code ?? '', names?.[0] ?? id, title]),
      },
      json: explanations.map((explanation) => ({
        ...explanation,
        ...(explanation.host === undefined ? {} : { host: osVersionText(explanation.host) }),
        ...(explanation.image === undefined ? {} : { image: osVersionText(explanation.image) }),
      })),
    },
    options,
  );
}

function describe({ title, code, names, meaning, causes, ways, source }: Explanation): string {
  const heading = `${code === undefined ? '' : `${code}  `}${title}`;
  const lines = [
    wantsColour(process.stdout) ? paint(heading, 'bold') : heading,
    ...(names === undefined || names.length === 0 ? [] : [names.join(', ')]),
    '',
    meaning,
    ...section('Likely causes', causes),
    ...section('Ways out', ways),
    '',
    `Source: ${source}`,
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  - ${line}`)];
}

const examples = `
Exit code: 0 explained, 1 nothing in the text is known, 2 bad usage.

Examples:
  windowbox explain 0xc0370101
  windowbox explain "no matching manifest for windows/amd64 10.0.17763 in the manifest list entries"
  docker run IMAGE 2>&1 | windowbox explain`;
