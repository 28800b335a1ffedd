import { WindowboxError } from '../../errors/index.js';
import { parseDuration } from './duration.js';

/**
 * `--since` and `--until`: a time (RFC 3339, whole or in part, without a zone in ours), seconds since 1970, or `10m` for ten
 * minutes ago; as the API's `SECONDS.NANOSECONDS`.
 */
export function timeQuery(text: string | undefined, now = Date.now()): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^-?\d+(?:\.\d{1,9})?$/u.test(text)) return text;
  const duration = parseDuration(text);
  if ('value' in duration) return seconds(now - duration.value / 1e6);
  const match =
    /^\d{4}-\d{2}-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2}(?<fraction>\.\d{1,9})?)?)?)?(?<zone>Z|[+-]\d{2}:\d{2})?$/u.exec(
      text,
    );
  const { fraction = '', zone = '' } = match?.groups ?? {};
  const milliseconds =
    match === null ? Number.NaN : Date.parse(`${fullTime(text.replace(fraction, '').replace(zone, ''))}${zone}`);
  if (Number.isNaN(milliseconds))
    throw new WindowboxError('invalid-argument', `failed to parse value "${text}" as time or duration`, {
      hint: 'Write a time like 2026-01-02T15:04:05Z, or 10m for ten minutes ago.',
    });
  return `${String(milliseconds / 1000)}.${fraction.slice(1).padEnd(9, '0')}`;
}

/** `2026-01-02T15` → `2026-01-02T15:00:00`. */
function fullTime(text: string): string {
  const [day = '', time = ''] = text.split('T');
  const [hour = '00', minute = '00', second = '00'] = time === '' ? [] : time.split(':');
  return `${day}T${hour}:${minute}:${second}`;
}

function seconds(milliseconds: number): string {
  return `${String(Math.floor(milliseconds / 1000))}.${String(Math.floor((milliseconds % 1000) * 1e6)).padStart(9, '0')}`;
}
