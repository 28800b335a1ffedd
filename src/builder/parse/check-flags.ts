import { WindowboxError } from '../../errors/index.js';
import type { Flag } from './parse-dockerfile.js';

/** Whether a flag that is on or off is on; undefined where it is not there. */
export function isFlagOn(flags: readonly Flag[], name: string): boolean | undefined {
  const flag = flags.find((one) => one.name === name);
  return flag && (flag.value ?? 'true').toLowerCase() === 'true';
}

/**
 * Refuses what BuildKit refuses, before anything is built: a flag that the instruction does not know, has twice, or without a value.
 *
 * @throws WindowboxError `invalid-argument` with BuildKit's text, without the line.
 */
export function checkFlags(instruction: string, flags: readonly Flag[]): void {
  const known = knownFlags[instruction] ?? {};
  const seen = new Set<string>();
  for (const { name, value } of flags) {
    const kind = known[name];
    if (kind === undefined) throw refused(`unknown flag: ${name}`);
    if (seen.has(name) && kind !== 'list') throw refused(`duplicate flag specified: ${name}`);
    seen.add(name);
    if (kind !== 'switch' && value === undefined) throw refused(`missing a value on flag: ${name}`);
    if (kind === 'switch' && value !== undefined && !/^(?:true|false)$/iu.test(value))
      throw refused(`expecting boolean value for flag ${name}, not: ${value}`);
  }
}

function refused(message: string): WindowboxError {
  return new WindowboxError('invalid-argument', message);
}

type Kind = 'text' | 'list' | 'switch';

const knownFlags: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  ADD: {
    checksum: 'text',
    chmod: 'text',
    chown: 'text',
    exclude: 'list',
    'keep-git-dir': 'switch',
    link: 'switch',
    unpack: 'switch',
  },
  COPY: { chmod: 'text', chown: 'text', exclude: 'list', from: 'text', link: 'switch', parents: 'switch' },
  FROM: { platform: 'text' },
  HEALTHCHECK: { interval: 'text', retries: 'text', 'start-interval': 'text', 'start-period': 'text', timeout: 'text' },
  RUN: { mount: 'list', network: 'text', security: 'text' },
};
