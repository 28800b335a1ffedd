import type { Build } from './build-state.js';

/** The image of a finished stage, by its name or number; undefined when there is no such stage. */
export function findStage(build: Build, name: string): string | undefined {
  const number = /^\d+$/u.test(name) ? Number(name) : build.stageNames.get(name.toLowerCase());
  return number === undefined ? undefined : build.stages[number];
}
