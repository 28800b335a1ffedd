import { expandWord, splitWords } from '../parse/expand-words.js';
import type { Instruction } from '../parse/parse-dockerfile.js';
import { type Build, lookupArgument } from './build-state.js';

/** The image of a stage above this one, by its name or number, when it is finished; undefined when there is no such stage. */
export async function findStage(build: Build, name: string): Promise<string | undefined> {
  const number = numberOf(build, name);
  return number === undefined ? undefined : build.stages[number];
}

/** The words of a `FROM`, with the arguments above the first one put in. */
export function fromWords(build: Build, { rest }: Instruction): readonly string[] {
  const lookup = (name: string): string | undefined => lookupArgument(build, build.globals, name);
  return splitWords(rest, build.escape).map((word) => expandWord(word, { lookup, escape: build.escape }));
}

/** Waits for the stages that an instruction stands on or takes files from: whoever waits keeps no slot from those that work. */
export async function waitForSources(build: Build, instruction: Instruction): Promise<void> {
  const names = instruction.flags.flatMap(({ name, value = '' }) => {
    if (name === 'from') return [value];
    return name === 'mount' ? [...value.matchAll(/(?:^|,)"?from=([^,"]+)/giu)].map(([, from = '']) => from) : [];
  });
  if (instruction.name === 'FROM') names.push(...fromWords(build, instruction).slice(0, 1));
  for (const name of names) await findStage(build, name);
}

/** Of two stages with one name the later counts. */
function numberOf(build: Build, name: string): number | undefined {
  const above = build.plan.stages.slice(0, build.number);
  if (/^\d+$/u.test(name)) return above[Number(name)]?.number;
  return above.findLast((stage) => stage.name === name.toLowerCase())?.number;
}
