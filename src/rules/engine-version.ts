import { WindowboxError } from '../errors/index.js';

/**
 * A Docker Engine version as a number that orders them: `18.09.1` is 18 09 01, `1.13.1` is 1 13 01, `29.0.1` is 29 00 01.
 *
 * @throws WindowboxError `invalid-argument` for anything but two or three numbers, with or without `v` before and `-ce`, `-ee-3`, `~rc1` after.
 */
export function parseEngineVersion(text: string): number {
  if (text === lastText) return lastVersion;
  const known = knownVersions.get(text);
  const version = known ?? readVersion(text);
  if (knownVersions.size < maxKnown) knownVersions.set(text, version);
  [lastText, lastVersion] = [text, version];
  return version;
}

function readVersion(text: string): number {
  const match = /^v?(?<major>[0-9]{1,3})\.(?<minor>[0-9]{1,3})(?:\.(?<patch>[0-9]{1,3}))?(?:[-+~].*)?$/u.exec(
    text.trim(),
  );
  const { major, minor, patch } = match?.groups ?? {};
  if (major === undefined || minor === undefined)
    throw new WindowboxError('invalid-argument', `Cannot read Docker Engine version "${text}": not MAJOR.MINOR.PATCH`, {
      hint: 'Examples: 18.09.0, 18.09.1, 20.10.24, 29.0.1.',
    });
  return engine(Number(major), Number(minor), Number(patch ?? 0));
}

/** The number of {@link parseEngineVersion} for a version that is known when the program is written. */
export function engine(major: number, minor: number, patch = 0): number {
  return (major * 1000 + minor) * 1000 + patch;
}

/** The engine that a host of this build runs unless a question names one: the newest that starts on it. */
export function defaultEngine(build: number): string {
  return build >= 17763 ? newestEngine : lastEngineForOldWindows;
}

const newestEngine = '29.0.1';
/** From 23.0 on, the daemon requires build 17763 (moby PR 43254). */
const lastEngineForOldWindows = '20.10.24';
const knownVersions = new Map<string, number>();
const maxKnown = 1000;
let lastText = '';
let lastVersion = 0;
