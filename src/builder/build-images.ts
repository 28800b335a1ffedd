import { randomUUID } from 'node:crypto';
import { WindowboxError } from '../errors/index.js';
import type { BuildHost } from './build-host.js';
import type { BuildRequest, Say } from './build-request.js';
import { type BuildContext, openContext } from './evaluate/build-context.js';
import { type Build, commitStage, nopStep, type Stage } from './evaluate/build-state.js';
import { configInstructions } from './evaluate/config-instructions.js';
import { copyInstruction } from './evaluate/copy-instruction.js';
import { fromInstruction } from './evaluate/from-instruction.js';
import { runInstruction } from './evaluate/run-instruction.js';
import { expandWord, splitWords } from './parse/expand-words.js';
import {
  type Dockerfile,
  type Instruction,
  parseDockerfile,
  parseError,
  parseInstruction,
} from './parse/parse-dockerfile.js';

/**
 * Builds what a Dockerfile says, once for each platform that is asked for, and names the result: one image, or one name for all
 * builds. Speaks as Docker's classic builder does. Answers the images' ids.
 *
 * @throws WindowboxError with Docker's text: `invalid-argument` for the Dockerfile, `internal` for a command that failed.
 */
export async function buildImages(host: BuildHost, request: BuildRequest, say: Say): Promise<readonly string[]> {
  const id = `build-${randomUUID()}`;
  const context = await openContext(request.context, host.state.work);
  const speak: Say = request.quiet ? (message) => 'aux' in message && say(message) : say;
  try {
    const dockerfile = parseDockerfile(await context.readDockerfile(request.dockerfile));
    const platforms =
      request.platform === '' ? [undefined] : request.platform.split(',').map((platform) => platform.trim());
    const hashes = new Map<string, string>();
    const ids: string[] = [];
    for (const platform of platforms) {
      if (platforms.length > 1) speak({ stream: `Building for ${platform ?? ''}\n` });
      ids.push(await buildOne({ host, request, context, dockerfile, id, platform, hashes, say: speak }));
    }
    for (const imageId of ids) say({ aux: { ID: imageId } });
    for (const imageId of ids) speak({ stream: `Successfully built ${shortId(imageId)}\n` });
    for (const tag of request.tags) {
      host.tag(ids, tag);
      speak({ stream: `Successfully tagged ${/:[^/]*$/u.test(tag) ? tag : `${tag}:latest`}\n` });
    }
    if (request.quiet) say({ stream: `${ids.join('\n')}\n` });
    return ids;
  } finally {
    await context.remove();
    await host.letGo(id);
  }
}

interface OneBuild {
  readonly host: BuildHost;
  readonly request: BuildRequest;
  readonly context: BuildContext;
  readonly dockerfile: Dockerfile;
  readonly id: string;
  readonly platform: string | undefined;
  readonly hashes: Map<string, string>;
  readonly say: Say;
}

async function buildOne({ dockerfile, ...rest }: OneBuild): Promise<string> {
  const build: Build = {
    ...rest,
    escape: dockerfile.escape,
    stages: [],
    stageNames: new Map(),
    globals: platformArguments(rest.platform),
    usedArguments: new Set(['SOURCE_DATE_EPOCH']),
    said: new Set(),
    latest: epochOf(rest.request.buildArguments['SOURCE_DATE_EPOCH']),
  };
  const steps = stepsFor(dockerfile.instructions, rest.request.target);
  const stage = await runSteps(build, steps);
  if (Object.keys(rest.request.labels).length > 0) await addLabels(build, stage, steps.length + 1);
  warnUnused(build);
  return stage.imageId;
}

async function runSteps(build: Build, steps: readonly Instruction[]): Promise<Stage> {
  const total = steps.length + (Object.keys(build.request.labels).length > 0 ? 1 : 0);
  let stage: Stage | undefined;
  for (const [index, step] of steps.entries()) {
    if (build.request.signal.aborted) throw new WindowboxError('cancelled', 'build cancelled');
    build.say({ stream: `Step ${String(index + 1)}/${String(total)} : ${step.original}\n` });
    if (step.name === 'FROM') {
      if (stage) build.stages.push(stage.imageId);
      stage = await fromInstruction(build, step);
      build.say({ stream: ` ---> ${shortId(stage.imageId)}\n` });
      await runTriggers(build, stage);
    } else if (!stage) globalArgument(build, step);
    else {
      await dispatch(build, stage, step);
      build.say({ stream: ` ---> ${shortId(stage.imageId)}\n` });
    }
  }
  if (!stage) throw new WindowboxError('invalid-argument', 'no build stage in current context');
  build.stages.push(stage.imageId);
  return stage;
}

async function dispatch(build: Build, stage: Stage, step: Instruction): Promise<void> {
  if (step.name === 'RUN') return runInstruction(build, stage, step);
  if (step.name === 'COPY' || step.name === 'ADD') return copyInstruction(build, stage, step);
  const act = configInstructions[step.name];
  if (!act) throw parseError(step.line, `unknown instruction: ${step.name}`);
  return act(build, stage, step);
}

/** What the image below wants done first. */
async function runTriggers(build: Build, stage: Stage): Promise<void> {
  const triggers = stage.config.OnBuild ?? [];
  if (triggers.length === 0) return;
  stage.config = { ...stage.config, OnBuild: null };
  build.say({ stream: `# Executing ${String(triggers.length)} build trigger${triggers.length === 1 ? '' : 's'}\n` });
  for (const trigger of triggers) await dispatch(build, stage, parseInstruction(trigger, 0));
}

/** `ARG` above the first `FROM`: for the `FROM`s only, unless a stage asks for it by name. */
function globalArgument(build: Build, { name, rest, line }: Instruction): void {
  if (name !== 'ARG') throw parseError(line, 'no build stage in current context');
  const options = { lookup: (key: string) => build.globals.get(key), escape: build.escape };
  for (const word of splitWords(rest, build.escape)) {
    const at = word.indexOf('=');
    const key = at < 0 ? word : word.slice(0, at);
    build.usedArguments.add(key);
    build.globals.set(
      key,
      build.request.buildArguments[key] ?? (at < 0 ? build.globals.get(key) : expandWord(word.slice(at + 1), options)),
    );
  }
}

/** The instructions up to the end of the target stage. */
function stepsFor(instructions: readonly Instruction[], target: string): readonly Instruction[] {
  const starts = instructions.flatMap(({ name }, index) => (name === 'FROM' ? [index] : []));
  if (starts.length === 0) throw new WindowboxError('invalid-argument', 'no build stage in current context');
  if (target === '') return instructions;
  const found = starts.findIndex((start, index) => {
    const name = /\sAS\s+(\S+)\s*$/iu.exec(instructions[start]?.rest ?? '')?.[1];
    return name?.toLowerCase() === target.toLowerCase() || String(index) === target;
  });
  if (found < 0) throw new WindowboxError('invalid-argument', `failed to reach build target ${target} in Dockerfile`);
  return instructions.slice(0, starts[found + 1]);
}

async function addLabels(build: Build, stage: Stage, number: number): Promise<void> {
  const pairs = Object.entries(build.request.labels);
  build.say({
    stream: `Step ${String(number)}/${String(number)} : LABEL ${pairs.map((pair) => pair.join('=')).join(' ')}\n`,
  });
  stage.config = { ...stage.config, Labels: { ...stage.config.Labels, ...build.request.labels } };
  await commitStage(build, stage, { createdBy: nopStep(` LABEL ${pairs.map((pair) => pair.join('=')).join(' ')}`) });
  build.say({ stream: ` ---> ${shortId(stage.imageId)}\n` });
}

function warnUnused(build: Build): void {
  const unused = Object.keys(build.request.buildArguments).filter((name) => !build.usedArguments.has(name));
  if (unused.length > 0)
    build.say({ stream: `[Warning] One or more build-args [${unused.join(' ')}] were not consumed\n` });
}

/** BuildKit's predefined arguments, which `ARG NAME` brings into a stage. */
function platformArguments(platform: string | undefined): Map<string, string | undefined> {
  const osVersion = /\(([\d.]+)\)|:([\d.]+)$/u.exec(platform ?? '');
  const version = osVersion?.[1] ?? osVersion?.[2] ?? '';
  return new Map([
    ['TARGETPLATFORM', 'windows/amd64'],
    ['TARGETOS', 'windows'],
    ['TARGETARCH', 'amd64'],
    ['TARGETVARIANT', ''],
    ['TARGETOSVERSION', version],
    ['BUILDPLATFORM', 'windows/amd64'],
    ['BUILDOS', 'windows'],
    ['BUILDARCH', 'amd64'],
    ['BUILDVARIANT', ''],
    ['BUILDOSVERSION', version],
  ]);
}

function epochOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,11}$/u.test(text)) return Number(text);
  throw new WindowboxError('invalid-argument', `invalid SOURCE_DATE_EPOCH: ${text}`);
}

function shortId(id: string): string {
  return id.replace('sha256:', '').slice(0, 12);
}
