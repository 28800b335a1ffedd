import { WindowboxError } from '../../errors/index.js';
import { type Instruction, parseError, parseInstruction } from '../parse/parse-dockerfile.js';
import { type Build, commitStage, nopStep, shortId, type Stage } from './build-state.js';
import { processText } from './command-failure.js';
import { configInstructions } from './config-instructions.js';
import { copyInstruction } from './copy-instruction.js';
import { failureOf } from './failure-of.js';
import { fromInstruction } from './from-instruction.js';
import { versionOf } from './global-arguments.js';
import { isCounted, type StagePlan } from './plan-stages.js';
import { runInstruction } from './run-instruction.js';
import type { Slots } from './slots.js';
import { waitForSources } from './stages.js';

/** Builds one stage, step by step; other stages may be built beside it. Answers its image. */
export async function runStage(build: Build, plan: StagePlan, slots: Slots): Promise<string> {
  const { voice } = build;
  let stage: Stage | undefined;
  let counted = 0;
  const total = build.plan.steps + (hasLabels(build) ? 1 : 0);
  for (const { instruction, number } of plan.steps) {
    await waitForSources(build, instruction);
    stopWhenCancelled(build);
    voice.line(`Step ${String(number)}/${String(total)} : ${instruction.original}\n`);
    if (isCounted(instruction)) {
      counted += 1;
      voice.begin(`[${prefixOf(build, plan)}${String(counted)}/${String(plan.counted)}] ${instruction.original}`);
    }
    stage = await slots.run(async () => takeStep(build, stage, instruction));
    voice.end();
    voice.line(` ---> ${shortId(stage.imageId)}\n`);
    if (instruction.name === 'FROM') await runTriggers(build, stage, slots);
  }
  if (!stage) throw new WindowboxError('internal', 'Cannot build a stage without steps');
  if (plan === build.plan.stages.at(-1) && hasLabels(build)) await addLabels(build, stage, total);
  return stage.imageId;
}

async function takeStep(build: Build, stage: Stage | undefined, instruction: Instruction): Promise<Stage> {
  stopWhenCancelled(build);
  try {
    if (!stage) return await fromInstruction(build, instruction);
    await dispatch(build, stage, instruction);
    return stage;
  } catch (error) {
    if (error instanceof WindowboxError && processText(error) !== undefined) build.voice.line(`${error.hint ?? ''}\n`);
    build.voice.fail(build.request.signal.aborted ? 'cancelled' : failureOf(build, instruction, error));
    throw error;
  }
}

async function dispatch(build: Build, stage: Stage, step: Instruction): Promise<void> {
  if (step.name === 'RUN') return runInstruction(build, stage, step);
  if (step.name === 'COPY' || step.name === 'ADD') return copyInstruction(build, stage, step);
  const act = configInstructions[step.name];
  if (!act) throw parseError(step.line, `unknown instruction: ${step.name}`);
  return act(build, stage, step);
}

/** What the image below wants done first. */
async function runTriggers(build: Build, stage: Stage, slots: Slots): Promise<void> {
  const triggers = stage.config.OnBuild ?? [];
  if (triggers.length === 0) return;
  stage.config = { ...stage.config, OnBuild: null };
  build.voice.line(`# Executing ${String(triggers.length)} build trigger${triggers.length === 1 ? '' : 's'}\n`);
  for (const trigger of triggers) {
    const instruction = parseInstruction(trigger, 0);
    await waitForSources(build, instruction);
    build.voice.begin(`[onbuild] ${instruction.original}`);
    await slots.run(async () => takeStep(build, stage, instruction));
    build.voice.end();
  }
}

async function addLabels(build: Build, stage: Stage, number: number): Promise<void> {
  const pairs = Object.entries(build.request.labels).map((pair) => pair.join('='));
  const text = ` LABEL ${pairs.join(' ')}`;
  build.voice.line(`Step ${String(number)}/${String(number)} :${text}\n`);
  stage.config = { ...stage.config, Labels: { ...stage.config.Labels, ...build.request.labels } };
  await commitStage(build, stage, { createdBy: nopStep(text) });
  build.voice.line(` ---> ${shortId(stage.imageId)}\n`);
}

/** As BuildKit: the platform where there are several, the stage where there are several. */
function prefixOf(build: Build, { name, number }: StagePlan): string {
  const platform = build.isOneOfMany ? `windows/amd64:${versionOf(build.platform)} ` : '';
  const stage = build.plan.stages.length > 1 ? `${name === '' ? `stage-${String(number)}` : name} ` : '';
  return platform + stage;
}

function hasLabels({ request }: Build): boolean {
  return Object.keys(request.labels).length > 0;
}

function stopWhenCancelled({ request }: Build): void {
  if (request.signal.aborted) throw new WindowboxError('cancelled', 'build cancelled');
}
