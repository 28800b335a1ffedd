import { expandWord, splitWords } from '../parse/expand-words.js';
import type { Instruction } from '../parse/parse-dockerfile.js';
import type { Build } from './build-state.js';

/** `ARG` above the first `FROM`: for the `FROM`s only, unless a stage asks for it by name. */
export function globalArgument(build: Build, { rest }: Instruction): void {
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

/** BuildKit's predefined arguments, which `ARG NAME` brings into a stage. */
export function platformArguments(platform: string | undefined): Map<string, string | undefined> {
  const version = versionOf(platform);
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

/** `10.0.20348` of `windows(10.0.20348)/amd64` or `windows/amd64:10.0.20348`; empty: it names none. */
export function versionOf(platform: string | undefined): string {
  const found = /\(([\d.]+)\)|:([\d.]+)$/u.exec(platform ?? '');
  return found?.[1] ?? found?.[2] ?? '';
}
