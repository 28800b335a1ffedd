import type { Instruction } from '../parse/parse-dockerfile.js';
import type { Build } from './build-state.js';

/** The image of a stage above this one, by its name or number, when it is finished; undefined when there is no such stage. */
export async function findStage(build: Build, name: string): Promise<string | undefined> {
  const number = numberOf(build, name);
  return number === undefined ? undefined : build.stages[number];
}

/** Waits for the stages that an instruction takes files from. */
export async function waitForSources(build: Build, { flags }: Instruction): Promise<void> {
  const names = flags.flatMap(({ name, value = '' }) => {
    if (name === 'from') return [value];
    return name === 'mount' ? [...value.matchAll(/(?:^|,)"?from=([^,"]+)/giu)].map(([, from = '']) => from) : [];
  });
  for (const name of names) await findStage(build, name);
}

/** Of two stages with one name the later counts. */
function numberOf(build: Build, name: string): number | undefined {
  const above = build.plan.stages.slice(0, build.number);
  if (/^\d+$/u.test(name)) return above[Number(name)]?.number;
  return above.findLast((stage) => stage.name === name.toLowerCase())?.number;
}
