import {
  type Answer,
  type IsolationMode,
  type ModeVerdict,
  osVersionText,
  type Refusal,
  type Verdict,
  waysOut,
} from '../../rules/index.js';
import { type Colour, paint } from '../output/colour.js';

/** A verdict in full sentences, for one image on one host. */
export function describeVerdict(verdict: Verdict, options: { readonly colour: boolean }): string {
  const { host, image, modes, isolation, defaultIsolation } = verdict;
  const tint = (text: string, colour: Colour): string => (options.colour ? paint(text, colour) : text);
  const version = image.osVersion === undefined ? 'no os.version' : osVersionText(image.osVersion);
  const revision = host.revision === undefined ? '' : `.${String(host.revision)}`;
  const mark = (mode: IsolationMode): string => (mode === defaultIsolation ? ' (default)' : '');
  const lines = [
    `${tint(image.label, 'bold')}  ${version}`,
    `on ${tint(host.name, 'bold')}  10.0.${String(host.build)}${revision}, ${host.edition}, Docker Engine ${host.engine}`,
    '',
    ...(['process', 'hyperv'] as const).flatMap((mode) => describeMode(modes[mode], `${mode}${mark(mode)}`, tint)),
    '',
    conclusion(verdict, tint),
    ...section('Docker says', verdict.refusals === modes[isolation].refusals ? [] : verdict.refusals.map(sayRefusal)),
    ...section('Others say', [...disagreements(verdict, 'process'), ...disagreements(verdict, 'hyperv')]),
    ...section(
      'Warnings',
      verdict.warnings.map(({ text }) => text),
    ),
    ...section('Licence', verdict.licence.conditions),
    ...section(
      'Ways out',
      waysOut(verdict).map(({ text, command }) => (command === undefined ? text : `${text}\n      ${command}`)),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

export const answerColours: Readonly<Record<Answer, Colour>> = { allowed: 'green', refused: 'red', unknown: 'yellow' };

type Tint = (text: string, colour: Colour) => string;

function describeMode(verdict: ModeVerdict, name: string, tint: Tint): readonly string[] {
  const { answer, reason, source, refusals } = verdict;
  const padded = answer.padEnd(8);
  return [
    `  ${name.padEnd(18)}${tint(padded, answerColours[answer])} ${reason}`,
    `  ${' '.repeat(27)}${tint(`${source.title}: ${source.where}`, 'dim')}`,
    ...refusals.map((refusal) => `  ${' '.repeat(27)}Docker ${sayRefusal(refusal)}`),
  ];
}

function sayRefusal({ at, text }: Refusal): string {
  return `at ${at}: ${text.trim()}`;
}

function disagreements({ modes }: Verdict, mode: IsolationMode): readonly string[] {
  return modes[mode].disagreements.map(
    ({ ruleset, answer, reason }) => `${mode}: ${ruleset} says ${answer}, ${reason}`,
  );
}

function conclusion({ answer, isolation, licence, ruleset, strict }: Verdict, tint: Tint): string {
  const rules = `ruleset ${ruleset}${strict ? ', strict' : ''}`;
  if (answer === 'allowed' && licence.answer === 'refused')
    return `${tint('The licence does not allow it', 'red')} for this purpose, though it runs in ${isolation} isolation (${rules}).`;
  if (answer === 'allowed') return `${tint('It runs', 'green')} in ${isolation} isolation (${rules}).`;
  if (answer === 'unknown')
    return `${tint('Unknown', 'yellow')}: no source says whether it runs in ${isolation} isolation (${rules}).`;
  return `${tint('It does not run', 'red')} in ${isolation} isolation (${rules}).`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  - ${line}`)];
}
