import { WindowboxError } from '../../errors/index.js';
import { describeMounts, openStepMounts, type StepMounts } from '../mounts/step-mounts.js';
import { expandWord } from '../parse/expand-words.js';
import { type Instruction, parseError } from '../parse/parse-dockerfile.js';
import { parseMount, type RunMount } from '../parse/parse-mount.js';
import { alwaysThere, type Build, findCached, shellOf, type Stage, useImage, warnOnce } from './build-state.js';
import { commandFailed } from './command-failure.js';
import { expandOptions } from './config-instructions.js';
import { versionOf } from './global-arguments.js';
import { quoteArguments } from './quote-arguments.js';
import { settleContext } from './settle-context.js';

/** `RUN`: a container on the image so far, its command, and an image of what it wrote. */
export async function runInstruction(build: Build, stage: Stage, instruction: Instruction): Promise<void> {
  const { line } = instruction;
  const networkMode = readNetwork(build, instruction);
  const mounts = readMounts(build, stage, instruction);
  const commandLine = commandLineOf(stage, instruction);
  const createdBy = await keyOfStep(build, stage, { commandLine, instruction, mounts });
  const cached = await findCached(build, stage, createdBy);
  if (cached !== undefined) return useImage(build, stage, cached);
  stage.cacheBroken = true;
  await settleContext(build);
  const open = await openStepMounts(build, stage, { mounts, line });
  try {
    await runAnew(build, stage, { commandLine, createdBy, line, networkMode, open });
  } finally {
    await open.release();
  }
}

interface RunStep {
  readonly commandLine: string;
  readonly createdBy: string;
  readonly line: number;
  readonly networkMode: string;
  readonly open: StepMounts;
}

async function runAnew(build: Build, stage: Stage, step: RunStep): Promise<void> {
  const { request, host, voice } = build;
  const text = new TextDecoder();
  let container = '';
  const outcome = await host.run({
    imageId: stage.imageId,
    config: { ...stage.config, Env: [...argumentEnv(build, stage), ...(stage.config.Env ?? [])] },
    commandLine: step.commandLine,
    isolation: request.isolation,
    anyHost: versionOf(build.platform) !== '',
    memory: request.memory,
    cpuShares: request.cpuShares,
    networkMode: step.networkMode,
    extraHosts: request.extraHosts,
    mounts: step.open.mounts,
    secretEnv: step.open.env,
    onStart: (id) => {
      container = id.slice(0, 12);
      voice.line(` ---> Running in ${container}\n`);
    },
    onOutput: (data) => {
      const written = text.decode(data, { stream: true });
      if (written !== '') voice.log(written);
    },
    signal: request.signal,
  });
  try {
    // A command that a cancelled build ended has not failed by itself.
    if (request.signal.aborted) throw new WindowboxError('cancelled', 'build cancelled');
    if (outcome.exitCode !== 0)
      throw commandFailed({ command: step.commandLine, exitCode: outcome.exitCode }, step.line);
    const { id, registry } = await outcome.commit({
      parent: stage.imageId,
      config: stage.config,
      createdBy: step.createdBy,
      author: stage.author,
      ...(build.latest === undefined ? {} : { latest: build.latest }),
    });
    useImage(build, stage, id);
    if (registry) warnOnce(build, registryWarning);
  } finally {
    await outcome.remove();
  }
  voice.line(`Removing intermediate container ${container}\n`);
}

function readMounts(build: Build, stage: Stage, { flags, line }: Instruction): readonly RunMount[] {
  const options = expandOptions(build, stage);
  const mounts = flags
    .filter(({ name }) => name === 'mount')
    .map(({ value = '' }) =>
      parseMount(value, { line, workdir: stage.config.WorkingDir ?? '', expand: (word) => expandWord(word, options) }),
    );
  const targets = mounts.map(({ target }) => target?.toLowerCase()).filter((target) => target !== undefined);
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) throw parseError(line, `duplicate mount target "${twice}"`);
  return mounts;
}

/** `--network` of the instruction goes before the build's. */
function readNetwork(build: Build, { flags, line }: Instruction): string {
  for (const { name, value = '' } of flags) {
    if (!['network', 'security', 'mount'].includes(name)) throw parseError(line, `unknown flag: ${name}`);
    if (name === 'security' && value !== 'sandbox')
      throw parseError(line, `security "${value}" is not there: a Windows container has no such mode`);
    if (name === 'network' && !['default', 'none'].includes(value))
      throw parseError(line, `network "${value}" is not there: a Windows container has "default" and "none"`);
  }
  const own = flags.findLast(({ name }) => name === 'network')?.value;
  return own === undefined || own === 'default' ? build.request.networkMode : own;
}

/** The step for the cache and the history. Of its mounts what is in binds counts; secrets and caches do not. */
async function keyOfStep(
  build: Build,
  stage: Stage,
  step: { readonly commandLine: string; readonly instruction: Instruction; readonly mounts: readonly RunMount[] },
): Promise<string> {
  const text = withArguments(build, stage, step.commandLine);
  const { flags, line } = step.instruction;
  const shown = flags.filter(({ name }) => name !== 'security').map(({ name, value = '' }) => `--${name}=${value}`);
  if (shown.length === 0) return text;
  const binds = await describeMounts(build, { mounts: step.mounts, line });
  return `${text} # ${[...shown, binds].join(' ').trim()}`;
}

const registryWarning =
  'This step changes the registry. Containers and builds of Windowbox see the change; real Windows hosts do not.';

/** A heredoc is a script for the shell: `cmd` takes its lines one after the other. */
function commandLineOf(stage: Stage, { json, rest, heredocs }: Instruction): string {
  if (json) return quoteArguments(json);
  const [script] = heredocs;
  if (!script) return [...shellOf(stage), rest].join(' ');
  if (!/^<<-?["']?[\w.-]+["']?$/u.test(rest))
    throw new WindowboxError('unsupported', 'Cannot run a heredoc as a file: only "RUN <<EOF" is supported');
  const lines = script.content.split('\n').filter((line) => line.trim() !== '');
  return [...shellOf(stage), lines.join(isPowerShell(stage) ? '; ' : ' && ')].join(' ');
}

function isPowerShell(stage: Stage): boolean {
  return /(?:powershell|pwsh)(?:\.exe)?$/iu.test(shellOf(stage)[0] ?? '');
}

/** Arguments in use belong to the step: with other values it is another one. */
function withArguments(build: Build, stage: Stage, commandLine: string): string {
  const used = argumentEnv(build, stage)
    .filter((entry) => !alwaysThere.has(entry.slice(0, entry.indexOf('='))))
    .sort();
  return used.length === 0 ? commandLine : `|${String(used.length)} ${used.join(' ')} ${commandLine}`;
}

function argumentEnv(build: Build, stage: Stage): string[] {
  const env = new Set((stage.config.Env ?? []).map((entry) => entry.slice(0, entry.indexOf('=')).toUpperCase()));
  const declared = [...stage.args].flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const proxies = Object.entries(build.request.buildArguments).flatMap(([name, value]) =>
    alwaysThere.has(name) && value !== undefined && !stage.args.has(name) ? [`${name}=${value}`] : [],
  );
  return [...declared, ...proxies].filter((entry) => !env.has(entry.slice(0, entry.indexOf('=')).toUpperCase()));
}
