import { WindowboxError } from '../../errors/index.js';
import { expandWord } from '../parse/expand-words.js';
import type { Instruction } from '../parse/parse-dockerfile.js';
import { type BuildImage } from '../build-host.js';
import { badInstruction, type Build, lookupArgument, type Stage } from './build-state.js';
import { findStage, fromWords } from './stages.js';

/** `FROM [--platform=P] IMAGE [AS NAME]`: begins a stage on an image or on an earlier stage. */
export async function fromInstruction(build: Build, instruction: Instruction): Promise<Stage> {
  const { rest, flags } = instruction;
  const words = fromWords(build, instruction);
  const [name = '', as, stageName] = words;
  const named = words.length === 3 && as?.toUpperCase() === 'AS';
  if (!named && words.length !== 1) throw badInstruction('FROM requires either one or three arguments');
  if (name === '') throw badInstruction(`base name (${rest}) should not be blank`);
  if (name.toLowerCase() === 'scratch')
    throw new WindowboxError('unsupported', 'Windows does not support FROM scratch');
  if (named && !/^[a-z][a-z0-9-_.]*$/u.test((stageName ?? '').toLowerCase()))
    throw badInstruction(
      `invalid name for build stage: "${stageName ?? ''}", name can't start with a number or contain symbols`,
    );
  const wanted = flags.find((flag) => flag.name === 'platform')?.value;
  const lookup = (key: string): string | undefined => lookupArgument(build, build.globals, key);
  const platform = wanted === undefined ? build.platform : expandWord(wanted, { lookup, escape: build.escape });
  const image = await findImage(build, name, platform);
  build.host.keep(image.id, build.id);
  return {
    imageId: image.id,
    config: image.config.config ?? {},
    image: image.config,
    author: image.config.author ?? '',
    args: new Map(),
    cacheBroken: false,
  };
}

async function findImage(build: Build, name: string, platform: string | undefined): Promise<BuildImage> {
  const stage = await findStage(build, name);
  const report = (line: string): void => {
    build.voice.log(`${line}\n`);
  };
  const { signal, pull } = build.request;
  return build.host.image(stage ?? name, { platform, pull: pull && stage === undefined, signal, report });
}
