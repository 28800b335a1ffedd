import type { Parsed } from './parsed.js';

export interface RestartPolicy {
  readonly Name: string;
  readonly MaximumRetryCount: number;
}

/** Reads `no`, `always`, `unless-stopped`, `on-failure[:N]`. */
export function parseRestartPolicy(text: string): Parsed<RestartPolicy> {
  const [name = '', count, ...more] = text.split(':');
  if (text !== '' && name === '') return { problem: `invalid restart policy format: no policy provided before colon` };
  if (more.length > 0) return { problem: 'invalid restart policy format' };
  if (count !== undefined && !/^-?\d+$/u.test(count))
    return { problem: 'invalid restart policy format: maximum retry count must be an integer' };
  return { value: { Name: name, MaximumRetryCount: Number(count ?? 0) } };
}
