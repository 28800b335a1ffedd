import { availableParallelism } from 'node:os';
import type { Say } from '../voice/messages.js';
import { orderedLanes } from '../voice/ordered-lanes.js';
import { makeVoice, type StepNumbers } from '../voice/voice.js';
import type { Build, SharedBuild } from './build-state.js';
import { globalArgument, platformArguments } from './global-arguments.js';
import { runStage } from './run-stage.js';
import { makeSlots } from './slots.js';

export interface StageRun {
  readonly platforms: readonly (string | undefined)[];
  readonly say: Say;
  readonly numbers: StepNumbers;
}

/**
 * Builds all stages for all platforms, those at the same time that do not need each other, as many as there are processors. Classic lines
 * come in the order of the Dockerfile. The first failure ends the others, and is thrown when they have ended. Answers one image a platform.
 */
export async function runStages(
  shared: SharedBuild,
  { platforms, say, numbers }: StageRun,
): Promise<readonly string[]> {
  const stop = new AbortController();
  const request = { ...shared.request, signal: AbortSignal.any([shared.request.signal, stop.signal]) };
  const { stages } = shared.plan;
  const lanes = orderedLanes(say, platforms.length * stages.length);
  const slots = makeSlots(availableParallelism());
  let failure: { readonly error: unknown } | undefined;
  const all: Promise<string>[] = [];
  const results = platforms.map((platform, order) => {
    const images: Promise<string>[] = [];
    const globals = platformArguments(platform);
    const build = { ...shared, request, platform, isOneOfMany: platforms.length > 1, globals, stages: images };
    for (const plan of stages) {
      const lane = lanes[order * stages.length + plan.number];
      const voice = makeVoice(say, lane?.say ?? say, numbers);
      const own: Build = { ...build, number: plan.number, voice };
      if (plan.number === 0) begin(own);
      const image = runStage(own, plan, slots).then(
        (id) => {
          lane?.end();
          return id;
        },
        (error: unknown) => {
          // Those that were ended by it fail too; the first one says why.
          if (!failure) {
            failure = { error };
            lane?.flush();
          }
          stop.abort();
          throw error;
        },
      );
      image.catch(() => {});
      images.push(image);
      all.push(image);
    }
    return images.at(-1) ?? Promise.resolve('');
  });
  await Promise.allSettled(all);
  if (failure) throw failure.error;
  return Promise.all(results);
}

/** What stands before the first FROM. */
function begin(build: Build): void {
  const { voice, plan, platform } = build;
  if (build.isOneOfMany) voice.line(`Building for ${platform ?? ''}\n`);
  const total = plan.steps + (Object.keys(build.request.labels).length > 0 ? 1 : 0);
  for (const { instruction, number } of plan.globals) {
    voice.line(`Step ${String(number)}/${String(total)} : ${instruction.original}\n`);
    globalArgument(build, instruction);
  }
}
