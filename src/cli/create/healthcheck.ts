import { WindowboxError } from '../../errors/index.js';
import type { FlagValues } from '../define/flag.js';
import type { CreateFlags } from './create-flags.js';

const durations = [
  ['health-interval', 'Interval'],
  ['health-timeout', 'Timeout'],
  ['health-start-period', 'StartPeriod'],
  ['health-start-interval', 'StartInterval'],
] as const;

/** The API's `Healthcheck`; undefined when no flag asks for one, so that the image's stays. */
export function healthcheck(flags: FlagValues<CreateFlags>): Record<string, unknown> | undefined {
  const command = flags.text('health-cmd');
  const retries = flags.number('health-retries');
  const times = durations.flatMap(([flag, field]) => {
    const value = flags.number(flag);
    if (value !== undefined && value < 0) throw invalid(`--${flag} cannot be negative`);
    return value === undefined || value === 0 ? [] : [[field, value] as const];
  });
  if (retries !== undefined && retries < 0) throw invalid('--health-retries cannot be negative');
  const asked = (command !== undefined && command !== '') || times.length > 0 || (retries ?? 0) > 0;
  if (flags.isOn('no-healthcheck')) {
    if (asked) throw invalid('--no-healthcheck conflicts with --health-* options');
    return { Test: ['NONE'] };
  }
  if (!asked) return undefined;
  return {
    ...(command === undefined || command === '' ? {} : { Test: ['CMD-SHELL', command] }),
    ...Object.fromEntries(times),
    ...(retries === undefined ? {} : { Retries: retries }),
  };
}

function invalid(message: string): WindowboxError {
  return new WindowboxError('invalid-argument', message);
}
