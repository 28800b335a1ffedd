import { WindowboxError } from '../../errors/index.js';
import { type Instruction, parseError } from '../parse/parse-dockerfile.js';

/** A stage as it is written. */
export interface StagePlan {
  readonly number: number;
  /** After AS, lower case; empty: none. */
  readonly name: string;
  /** From its FROM on, each with its number among all of the build. */
  readonly steps: readonly { readonly instruction: Instruction; readonly number: number }[];
  /** How many of its steps BuildKit counts. */
  readonly counted: number;
}

export interface BuildPlan {
  /** ARGs above the first FROM. */
  readonly globals: readonly { readonly instruction: Instruction; readonly number: number }[];
  /** Up to the target. */
  readonly stages: readonly StagePlan[];
  readonly steps: number;
}

/**
 * Divides a Dockerfile into stages, as far as the target needs them.
 *
 * @throws WindowboxError `invalid-argument` in Docker's words.
 */
export function planStages(instructions: readonly Instruction[], target: string): BuildPlan {
  const steps = instructions.map((instruction, index) => ({ instruction, number: index + 1 }));
  const starts = steps.filter(({ instruction }) => instruction.name === 'FROM');
  const [first] = starts;
  if (!first) throw noStage();
  const globals = steps.slice(0, first.number - 1);
  for (const { instruction } of globals)
    if (instruction.name !== 'ARG') throw parseError(instruction.line, 'no build stage in current context');
  const stages = starts.map(({ instruction, number }, index): StagePlan => {
    const own = steps.slice(number - 1, (starts[index + 1]?.number ?? steps.length + 1) - 1);
    return {
      number: index,
      name: (/\sAS\s+(\S+)\s*$/iu.exec(instruction.rest)?.[1] ?? '').toLowerCase(),
      steps: own,
      counted: own.filter((step) => isCounted(step.instruction)).length,
    };
  });
  const wanted = stages.slice(0, lastStage(stages, target) + 1);
  return { globals, stages: wanted, steps: globals.length + wanted.flatMap((stage) => stage.steps).length };
}

/** Steps that do more than change the config, which are those that BuildKit shows. */
export function isCounted({ name }: Instruction): boolean {
  return ['FROM', 'RUN', 'COPY', 'ADD', 'WORKDIR'].includes(name);
}

function lastStage(stages: readonly StagePlan[], target: string): number {
  if (target === '') return stages.length - 1;
  const found = stages.findIndex(({ name, number }) => name === target.toLowerCase() || String(number) === target);
  if (found >= 0) return found;
  throw new WindowboxError('invalid-argument', `failed to reach build target ${target} in Dockerfile`);
}

function noStage(): WindowboxError {
  return new WindowboxError('invalid-argument', 'no build stage in current context');
}
