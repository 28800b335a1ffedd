import { WindowboxError } from '../../errors/index.js';
import type { Instruction } from '../parse/parse-dockerfile.js';
import { alwaysThere, badInstruction, type Build, findCached, shellOf, type Stage, useImage } from './build-state.js';
import { quoteArguments } from './quote-arguments.js';

/** `RUN`: a container on the image so far, its command, and an image of what it wrote. */
export async function runInstruction(build: Build, stage: Stage, instruction: Instruction): Promise<void> {
  for (const { name } of instruction.flags)
    if (!['network', 'security', 'mount'].includes(name)) throw badInstruction(`unknown flag: ${name}`);
  const mount = instruction.flags.find(({ name }) => name === 'mount');
  if (mount)
    throw new WindowboxError('unsupported', `the --mount option requires BuildKit`, {
      hint: 'Copy what the step needs with COPY, or COPY --from.',
    });
  const commandLine = commandLineOf(stage, instruction);
  const createdBy = withArguments(build, stage, commandLine);
  const cached = await findCached(build, stage, createdBy);
  if (cached !== undefined) return useImage(build, stage, cached);
  stage.cacheBroken = true;
  await runAnew(build, stage, { commandLine, createdBy, line: instruction.line });
}

async function runAnew(
  build: Build,
  stage: Stage,
  step: { readonly commandLine: string; readonly createdBy: string; readonly line: number },
): Promise<void> {
  const { request, host, say } = build;
  const text = new TextDecoder();
  let container = '';
  const outcome = await host.run({
    imageId: stage.imageId,
    config: { ...stage.config, Env: [...argumentEnv(build, stage), ...(stage.config.Env ?? [])] },
    commandLine: step.commandLine,
    isolation: request.isolation,
    memory: request.memory,
    networkMode: request.networkMode,
    extraHosts: request.extraHosts,
    onStart: (id) => {
      container = id.slice(0, 12);
      say({ stream: ` ---> Running in ${container}\n` });
    },
    onOutput: (data) => {
      const stream = text.decode(data, { stream: true });
      if (stream !== '') say({ stream });
    },
    signal: request.signal,
  });
  try {
    if (outcome.exitCode !== 0)
      throw new WindowboxError(
        'internal',
        `The command '${step.commandLine}' returned a non-zero code: ${String(outcome.exitCode)}`,
        { hint: `Line ${String(step.line)} of the Dockerfile.` },
      );
    const { id, registry } = await outcome.commit({
      parent: stage.imageId,
      config: stage.config,
      createdBy: step.createdBy,
      author: stage.author,
      ...(build.latest === undefined ? {} : { latest: build.latest }),
    });
    useImage(build, stage, id);
    if (registry) sayOnce(build);
  } finally {
    await outcome.remove();
  }
  say({ stream: `Removing intermediate container ${container}\n` });
}

function sayOnce(build: Build): void {
  if (build.said.has('registry')) return;
  build.said.add('registry');
  build.say({
    stream:
      '[Warning] This step changes the registry. Containers and builds of Windowbox see the change; real Windows hosts do not.\n',
  });
}

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
