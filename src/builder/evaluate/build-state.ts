import type { ImageConfig, ImageProcessConfig } from '../../oci/index.js';
import { WindowboxError } from '../../errors/index.js';
import type { BuildCommit, BuildHost } from '../build-host.js';
import type { BuildRequest } from '../build-request.js';
import type { Lookup } from '../parse/expand-words.js';
import type { Dockerfile } from '../parse/parse-dockerfile.js';
import type { Voice } from '../voice/voice.js';
import type { BuildContext } from './build-context.js';
import type { BuildPlan } from './plan-stages.js';

/** What all stages of a build for all its platforms have in common. */
export interface SharedBuild {
  readonly id: string;
  readonly host: BuildHost;
  readonly request: BuildRequest;
  readonly context: BuildContext;
  readonly dockerfile: Dockerfile;
  readonly plan: BuildPlan;
  readonly escape: '\\' | '`';
  readonly usedArguments: Set<string>;
  /** Digests of what steps take from the context, which is the same for each platform. */
  readonly hashes: Map<string, Promise<string>>;
  /** Layers of the context's files that are being made or are made, by their key. */
  readonly firstLayers: Map<string, Promise<string>>;
  /** What is said once a build. */
  readonly said: Set<string>;
  /** Seconds since 1970 (`SOURCE_DATE_EPOCH`). */
  readonly latest: number | undefined;
}

/** A build under way, as one of its stages sees it. */
export interface Build extends SharedBuild {
  /** One of the platforms that were asked for, or undefined. */
  readonly platform: string | undefined;
  readonly isOneOfMany: boolean;
  /** `ARG`s above the first `FROM`. */
  readonly globals: Map<string, string | undefined>;
  /** Images of this platform's stages, by number, when they are finished. */
  readonly stages: readonly Promise<string>[];
  /** Of this stage. */
  readonly number: number;
  readonly voice: Voice;
}

/** The stage that is being built. */
export interface Stage {
  imageId: string;
  config: ImageProcessConfig;
  readonly image: ImageConfig;
  author: string;
  /** Declared in this stage. */
  readonly args: Map<string, string | undefined>;
  /** A step ran anew: what follows is not looked for in the cache. */
  cacheBroken: boolean;
}

/** `ENV` wins over `ARG`; names know no case on Windows. */
export function lookupIn(build: Build, stage: Stage): Lookup {
  return (name) => {
    const folded = name.toUpperCase();
    for (const entry of stage.config.Env ?? []) {
      const at = entry.indexOf('=');
      if (entry.slice(0, at).toUpperCase() === folded) return entry.slice(at + 1);
    }
    return lookupArgument(build, stage.args, name);
  };
}

export function lookupArgument(
  build: Build,
  args: ReadonlyMap<string, string | undefined>,
  name: string,
): string | undefined {
  for (const [key, value] of args) if (key.toUpperCase() === name.toUpperCase()) return value;
  if (!alwaysThere.has(name)) return undefined;
  build.usedArguments.add(name);
  return build.request.buildArguments[name];
}

/** Arguments that need no `ARG`. */
export const alwaysThere = new Set(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
);

export function setEnv(env: readonly string[], name: string, value: string): string[] {
  const folded = name.toUpperCase();
  const index = env.findIndex((entry) => entry.slice(0, entry.indexOf('=')).toUpperCase() === folded);
  return index < 0 ? [...env, `${name}=${value}`] : env.with(index, `${name}=${value}`);
}

/** Makes an image of the stage as it is now, or finds the one that an earlier build made by the same step. */
export async function commitStage(
  build: Build,
  stage: Stage,
  step: { readonly createdBy: string; readonly files?: () => AsyncIterable<Uint8Array>; readonly filesKey?: string },
): Promise<void> {
  const found = await findCached(build, stage, step.createdBy);
  if (found !== undefined) return useImage(build, stage, found);
  stage.cacheBroken = true;
  const id = await commitOnce(build, step.filesKey, {
    parent: stage.imageId,
    config: stage.config,
    createdBy: step.createdBy,
    author: stage.author,
    ...(step.files ? { files: step.files() } : {}),
    ...(step.filesKey === undefined ? {} : { filesKey: step.filesKey }),
    ...(build.latest === undefined ? {} : { latest: build.latest }),
  });
  useImage(build, stage, id);
}

/** Builds for other platforms wait for the first to unpack the same files, and link to them. */
async function commitOnce(build: Build, key: string | undefined, commit: BuildCommit): Promise<string> {
  if (key === undefined) return build.host.commit(commit);
  const first = build.firstLayers.get(key);
  if (first) {
    await first.catch(() => {});
    return build.host.commit(commit);
  }
  const made = build.host.commit(commit);
  build.firstLayers.set(key, made);
  return made;
}

export function useImage(build: Build, stage: Stage, id: string): void {
  stage.imageId = id;
  build.host.keep(id, build.id);
}

/** The cache: a child of the same image, by the same step, with the same config. Says so when there is one. */
export async function findCached(build: Build, stage: Stage, createdBy: string): Promise<string | undefined> {
  if (build.request.noCache || stage.cacheBroken) return undefined;
  for (const { id, config } of await build.host.children(stage.imageId)) {
    if (config.history?.at(-1)?.created_by !== createdBy) continue;
    if (stableJson(config.config ?? {}) !== stableJson(stage.config)) continue;
    build.voice.cached();
    return id;
  }
  return undefined;
}

function stableJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner)
            .filter(([, one]) => one !== null)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : inner,
  );
}

export function badInstruction(message: string): WindowboxError {
  return new WindowboxError('invalid-argument', message);
}

/** The shell that the stage's shell forms use. */
export function shellOf(stage: Stage): readonly string[] {
  const { Shell: shell } = stage.config;
  return shell && shell.length > 0 ? shell : ['cmd', '/S', '/C'];
}

/** How the history shows a step that only changes the config. */
export function nopStep(text: string): string {
  return `cmd /S /C #(nop) ${text}`;
}

/** Tells the user once a build. */
export function warnOnce({ said, voice }: Build, text: string): void {
  if (said.has(text)) return;
  said.add(text);
  voice.warn(text);
}

export function shortId(id: string): string {
  return id.replace('sha256:', '').slice(0, 12);
}
