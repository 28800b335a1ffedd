import { expandWord, expandWords, type ExpandOptions, splitWords } from '../parse/expand-words.js';
import { readPairs } from '../parse/name-value-pairs.js';
import type { Instruction } from '../parse/parse-dockerfile.js';
import { joinWorkdir, partsOnDrive } from '../parse/windows-path.js';
import {
  badInstruction,
  type Build,
  commitStage,
  lookupIn,
  nopStep,
  setEnv,
  shellOf,
  type Stage,
} from './build-state.js';
import { copyLayer } from './copy-layer.js';
import { parseDuration } from './parse-duration.js';

/** An instruction that changes nothing but the image's config. */
export type ConfigInstruction = (build: Build, stage: Stage, instruction: Instruction) => Promise<void>;

export const configInstructions: Readonly<Record<string, ConfigInstruction>> = {
  ARG: argument,
  CMD: command,
  ENTRYPOINT: entrypoint,
  ENV: environment,
  EXPOSE: expose,
  HEALTHCHECK: healthcheck,
  LABEL: label,
  MAINTAINER: maintainer,
  ONBUILD: onBuild,
  SHELL: shell,
  STOPSIGNAL: stopSignal,
  USER: user,
  VOLUME: volume,
  WORKDIR: workdir,
};

export function expandOptions(build: Build, stage: Stage): ExpandOptions {
  return { lookup: lookupIn(build, stage), escape: build.escape };
}

async function argument(build: Build, stage: Stage, { rest }: Instruction): Promise<void> {
  const shown: string[] = [];
  for (const word of splitWords(rest, build.escape)) {
    const at = word.indexOf('=');
    const name = expandWord(at < 0 ? word : word.slice(0, at), expandOptions(build, stage));
    if (name === '') throw badInstruction('ARG names can not be blank');
    const fallback =
      at < 0 ? predefined(build, stage, name) : expandWord(word.slice(at + 1), expandOptions(build, stage));
    const given = build.request.buildArguments[name];
    build.usedArguments.add(name);
    stage.args.set(name, given ?? fallback);
    shown.push(at < 0 ? name : `${name}=${fallback ?? ''}`);
  }
  await commitStage(build, stage, { createdBy: nopStep(` ARG ${shown.join(' ')}`) });
}

/** Without a platform that was asked for, the version that is built for is the one of what the stage stands on. */
function predefined(build: Build, stage: Stage, name: string): string | undefined {
  const value = build.globals.get(name);
  if (value !== '' || !/^(?:TARGET|BUILD)OSVERSION$/u.test(name)) return value;
  return stage.image['os.version']?.split('.').slice(0, 3).join('.');
}

async function environment(build: Build, stage: Stage, { rest }: Instruction): Promise<void> {
  const pairs = readPairs(rest, 'ENV', expandOptions(build, stage));
  let env = stage.config.Env ?? [];
  for (const [name, value] of pairs) env = setEnv(env, name, value);
  stage.config = { ...stage.config, Env: env };
  await commitStage(build, stage, { createdBy: nopStep(` ENV ${pairs.map((pair) => pair.join('=')).join(' ')}`) });
}

async function label(build: Build, stage: Stage, { rest }: Instruction): Promise<void> {
  const pairs = readPairs(rest, 'LABEL', expandOptions(build, stage));
  stage.config = { ...stage.config, Labels: { ...stage.config.Labels, ...Object.fromEntries(pairs) } };
  await commitStage(build, stage, { createdBy: nopStep(` LABEL ${pairs.map((pair) => pair.join('=')).join(' ')}`) });
}

async function maintainer(build: Build, stage: Stage, { rest }: Instruction): Promise<void> {
  stage.author = rest;
  await commitStage(build, stage, { createdBy: nopStep(` MAINTAINER ${rest}`) });
}

/** On Windows the shell form is one finished command line, which `ArgsEscaped` says. */
async function command(build: Build, stage: Stage, instruction: Instruction): Promise<void> {
  const { words, escaped } = programOf(stage, instruction);
  stage.config = { ...stage.config, Cmd: words, ...(escaped ? { ArgsEscaped: true } : {}) };
  await commitStage(build, stage, { createdBy: nopStep(` CMD ${JSON.stringify(words)}`) });
}

/** Also takes the command away that an image below had, which was made for another entry point. */
async function entrypoint(build: Build, stage: Stage, instruction: Instruction): Promise<void> {
  const { words, escaped } = programOf(stage, instruction);
  stage.config = { ...stage.config, Entrypoint: words, Cmd: null, ...(escaped ? { ArgsEscaped: true } : {}) };
  await commitStage(build, stage, { createdBy: nopStep(` ENTRYPOINT ${JSON.stringify(words)}`) });
}

function programOf(stage: Stage, { json, rest }: Instruction): { words: string[]; escaped: boolean } {
  if (json) return { words: [...json], escaped: false };
  return rest === '' ? { words: [], escaped: false } : { words: [[...shellOf(stage), rest].join(' ')], escaped: true };
}

async function expose(build: Build, stage: Stage, { rest }: Instruction): Promise<void> {
  const ports = expandWords(rest, expandOptions(build, stage)).flatMap((word) => readPorts(word));
  const exposed = { ...stage.config.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}])) };
  stage.config = { ...stage.config, ExposedPorts: exposed };
  await commitStage(build, stage, { createdBy: nopStep(` EXPOSE ${ports.join(' ')}`) });
}

function readPorts(word: string): string[] {
  const [, first = '', last = first, protocol = 'tcp'] =
    /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/iu.exec(word) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === '' || from < 1 || to > 65_535 || to < from) throw badInstruction(`invalid containerPort: ${word}`);
  return Array.from({ length: to - from + 1 }, (_, index) => `${String(from + index)}/${protocol.toLowerCase()}`);
}

async function healthcheck(build: Build, stage: Stage, { rest, flags }: Instruction): Promise<void> {
  const [, word = '', tail = ''] = /^(\S+)\s*([^]*)$/u.exec(rest) ?? [];
  const kind = word.toUpperCase();
  if (kind === 'NONE') {
    if (tail !== '') throw badInstruction('HEALTHCHECK NONE takes no arguments');
    stage.config = { ...stage.config, Healthcheck: { Test: ['NONE'] } };
  } else if (kind === 'CMD') {
    const duration = (name: string): number => parseDuration(flags.find((flag) => flag.name === name)?.value, name);
    const retries = flags.find((flag) => flag.name === 'retries')?.value ?? '0';
    if (!/^\d{1,9}$/u.test(retries)) throw badInstruction(`--retries must be at least 1 (not ${retries})`);
    stage.config = {
      ...stage.config,
      Healthcheck: {
        Test: readTest(tail),
        Interval: duration('interval'),
        Timeout: duration('timeout'),
        StartPeriod: duration('start-period'),
        StartInterval: duration('start-interval'),
        Retries: Number(retries),
      },
    };
  } else throw badInstruction(`Unknown type ${JSON.stringify(word)} in HEALTHCHECK (try CMD)`);
  await commitStage(build, stage, { createdBy: nopStep(` HEALTHCHECK ${JSON.stringify(stage.config.Healthcheck)}`) });
}

function readTest(tail: string): string[] {
  if (tail === '') throw badInstruction('Missing command after HEALTHCHECK CMD');
  if (!tail.startsWith('[')) return ['CMD-SHELL', tail];
  const value: unknown = JSON.parse(tail);
  return Array.isArray(value) ? ['CMD', ...value.map(String)] : ['CMD-SHELL', tail];
}

async function onBuild(build: Build, stage: Stage, { rest }: Instruction): Promise<void> {
  const trigger = (/^\S+/u.exec(rest)?.[0] ?? '').toUpperCase();
  if (trigger === 'ONBUILD') throw badInstruction("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (trigger === 'FROM' || trigger === 'MAINTAINER')
    throw badInstruction(`${trigger} isn't allowed as an ONBUILD trigger`);
  stage.config = { ...stage.config, OnBuild: [...(stage.config.OnBuild ?? []), rest] };
  await commitStage(build, stage, { createdBy: nopStep(` ONBUILD ${rest}`) });
}

async function shell(build: Build, stage: Stage, { json }: Instruction): Promise<void> {
  if (!json || json.length === 0) throw badInstruction('SHELL requires the arguments to be in JSON form');
  stage.config = { ...stage.config, Shell: [...json] };
  await commitStage(build, stage, { createdBy: nopStep(` SHELL [${json.join(' ')}]`) });
}

async function stopSignal(build: Build, stage: Stage, { rest }: Instruction): Promise<void> {
  const signal = expandWord(rest, expandOptions(build, stage));
  if (!/^(?:\d+|(?:SIG)?[A-Z0-9+-]+)$/iu.test(signal)) throw badInstruction(`Invalid signal: ${signal}`);
  stage.config = { ...stage.config, StopSignal: signal };
  await commitStage(build, stage, { createdBy: nopStep(` STOPSIGNAL ${signal}`) });
}

async function user(build: Build, stage: Stage, { rest }: Instruction): Promise<void> {
  stage.config = { ...stage.config, User: expandWord(rest, expandOptions(build, stage)) };
  await commitStage(build, stage, { createdBy: nopStep(` USER ${stage.config.User ?? ''}`) });
}

async function volume(build: Build, stage: Stage, { rest, json }: Instruction): Promise<void> {
  const options = expandOptions(build, stage);
  const paths = json ? json.map((path) => expandWord(path, options)) : expandWords(rest, options);
  if (paths.some((path) => path === '')) throw badInstruction('VOLUME specified can not be an empty string');
  stage.config = {
    ...stage.config,
    Volumes: { ...stage.config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) },
  };
  await commitStage(build, stage, { createdBy: nopStep(` VOLUME [${paths.join(' ')}]`) });
}

async function workdir(build: Build, stage: Stage, { rest }: Instruction): Promise<void> {
  const path = joinWorkdir(stage.config.WorkingDir ?? '', expandWord(rest, expandOptions(build, stage)));
  stage.config = { ...stage.config, WorkingDir: path };
  const parts = path.startsWith('C:') ? partsOnDrive(path) : [];
  await commitStage(build, stage, {
    createdBy: nopStep(` WORKDIR ${path}`),
    ...(parts.length === 0 ? {} : { files: () => copyLayer([{ parts, folder: true }]) }),
  });
}
