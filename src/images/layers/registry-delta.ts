import { WindowboxError } from '../../errors/index.js';
import { foldName } from './entry-name.js';
import { type RegistryKey, type RegistryText } from './registry-text.js';

/**
 * What changed from one registry to another, as text: one change a line group, sorted, without times, so that a RUN that changes
 * nothing gives an empty text, and the same changes can be applied to another base.
 *
 *     WINDOWBOX REGISTRY DELTA 1
 *     -[Software\\Gone]
 *     [Software\\Changed]
 *     -"deleted value"
 *     "new value"="text"
 */
export function registryDelta(before: RegistryText, after: RegistryText): string {
  const lines: string[] = [];
  for (const folded of [...new Set([...before.keys.keys(), ...after.keys.keys()])].sort())
    if (!machineKeys.test(folded)) lines.push(...keyDelta(before.keys.get(folded), after.keys.get(folded)));
  return lines.length === 0 ? '' : `${[heading, ...lines].join('\n')}\n`;
}

/** @throws WindowboxError `invalid-argument` for what is no delta. */
export function applyDelta(before: RegistryText, delta: string): RegistryText {
  if (!delta.startsWith(`${heading}\n`))
    throw new WindowboxError('invalid-argument', 'Cannot apply registry delta: it is none');
  const keys = new Map<string, { path: string; stamp: string; options: string[]; values: Map<string, string> }>();
  for (const [folded, key] of before.keys)
    keys.set(folded, { ...key, options: [...key.options], values: new Map(key.values) });
  let current: { options: string[]; values: Map<string, string> } | undefined;
  for (const change of changesOf(delta.slice(heading.length + 1))) {
    const gone = /^-\[(.*)\]$/su.exec(change)?.[1];
    const path = /^\[(.*)\]$/su.exec(change)?.[1];
    if (gone !== undefined) keys.delete(foldName(gone));
    else if (path !== undefined) {
      const known = keys.get(foldName(path)) ?? { path, stamp: newKeyStamp, options: [], values: new Map() };
      keys.set(foldName(path), known);
      current = known;
    } else if (!current)
      throw new WindowboxError('invalid-argument', 'Cannot apply registry delta: a value without a key');
    else if (change.startsWith('-')) current.values.delete(foldName(change.slice(1)));
    else if (change.startsWith('#')) current.options.push(change);
    else current.values.set(foldName(nameOf(change)), change);
  }
  return { preamble: before.preamble, keys };
}

function keyDelta(before: RegistryKey | undefined, after: RegistryKey | undefined): string[] {
  if (!after) return before ? [`-[${before.path}]`] : [];
  const known = new Set(before?.options);
  const changes = [
    ...after.options.filter((option) => !known.has(option)),
    ...[...(before?.values ?? [])].filter(([name]) => !after.values.has(name)).map(([, value]) => `-${nameOf(value)}`),
    ...[...after.values].filter(([name, value]) => before?.values.get(name) !== value).map(([, value]) => value),
  ]
    .filter((change) => !isOfMachine(after, change))
    .sort();
  // A new key without values is a change, a new key with nothing but noise in it is none.
  return changes.length === 0 && (before ?? after.values.size > 0) ? [] : [`[${after.path}]`, ...changes];
}

function* changesOf(text: string): Generator<string> {
  let held = '';
  let isKey = false;
  for (const line of text.split('\n')) {
    // By the first line alone: a look at the whole text at each line would cost its square.
    if (held === '') isKey = /^-?\[/u.test(line);
    held += held === '' ? line : `\n${line}`;
    if (line.endsWith('\\') && !isKey) continue;
    if (held !== '') yield held;
    held = '';
  }
}

function nameOf(value: string): string {
  return /^(?:@|"(?:[^"\\]|\\.)*")/u.exec(value)?.[0] ?? value;
}

/**
 * What Wine writes at every start, about this very container and the machine below it, is no change that a program made: a utility VM has
 * other processors than the host, and its zone has its name from elsewhere.
 */
function isOfMachine(key: RegistryKey, change: string): boolean {
  if (change.includes(String.raw`\\??\\unix\\`)) return true;
  return machineValues.some(({ path, value }) => path.test(key.path) && value.test(change.replace(/^-/u, '')));
}

const machineValues: readonly { readonly path: RegExp; readonly value: RegExp }[] = [
  { path: /\\TCPIP\\\\PARAMETERS$/iu, value: /^"(?:NV )?(?:Hostname|Domain)"/iu },
  { path: /\\SESSION MANAGER\\\\ENVIRONMENT$/iu, value: /^"(?:NUMBER_OF_PROCESSORS|PROCESSOR_\w+)"/iu },
  // The zone that every program runs in, which a start writes by Windows' own name; another one is a program's choice.
  {
    path: /\\CONTROL\\\\TIMEZONEINFORMATION$/iu,
    value: /^"(?:StandardName"="Coordinated Universal Time|TimeZoneKeyName"="UTC)"$/iu,
  },
];

const machineKeys =
  /^(?:VOLATILE ENVIRONMENT|SOFTWARE\\\\WINE\\\\FONTS|SYSTEM\\\\\w+\\\\CONTROL\\\\COMPUTERNAME)(?:\\\\|$)/u;
const heading = 'WINDOWBOX REGISTRY DELTA 1';
/** 2021-01-01: a key that comes from a layer has the same time everywhere. */
const newKeyStamp = '1609459200';
