import { humanDuration } from '../../docker-api/index.js';

/** The twelve digits by which people know an id; `sha256:` before it goes. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/u, '').slice(0, 12);
}

/** At most `length` characters, the last one `…` when something was cut. */
export function ellipsis(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** `3 hours ago`, of seconds since 1970. */
export function ago(seconds: number, now = Date.now()): string {
  return `${humanDuration(now - seconds * 1000)} ago`;
}

/** As Go prints a time: `2026-01-02 15:04:05 +0000 UTC`, in our own zone. */
export function goDate(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const name = offset === 0 ? 'UTC' : zone.slice(0, 3);
  const day = `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone} ${name}`;
}

/** `a=1,b=2`, in the alphabet's order. */
export function joinLabels(labels: Readonly<Record<string, string>> | null | undefined): string {
  return Object.entries(labels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',');
}

/** Seconds since 1970 as `2026-01-02T15:04:05Z`. */
export function goTimeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
