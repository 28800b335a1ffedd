import type { FlagSpec, FlagTable, FlagValues } from './flag.js';
import { parseFlagValue } from './parse-flag-value.js';
import { UsageError } from './usage-error.js';

export interface ParsedLine<T extends FlagTable> {
  readonly flags: FlagValues<T>;
  readonly args: readonly string[];
  readonly help: boolean;
}

export interface ParseOptions {
  /** `run`, `exec`, `create`: what follows the first argument belongs to the program, dashes or not. */
  readonly stopAtFirstArgument: boolean;
}

/**
 * Reads a command line by the rules of pflag, Docker's flag library: `--name=x`, `--name x`, `-nx`, `-n x`, `-it`, `--rm=false`,
 * `--` ends the flags, a lone `-` is an argument. The last one of a single-valued flag wins.
 *
 * @throws UsageError in pflag's words.
 */
export function parseFlags<T extends FlagTable>(
  table: T,
  line: readonly string[],
  options: ParseOptions,
): ParsedLine<T> {
  const state: State = { table, rest: [...line], given: new Map(), help: false };
  const args: string[] = [];
  for (let word = state.rest.shift(); word !== undefined; word = state.rest.shift()) {
    if (word === '--') {
      args.push(...state.rest.splice(0));
    } else if (word.startsWith('--')) {
      readLong(state, word);
    } else if (word.startsWith('-') && word !== '-') {
      readShorts(state, word);
    } else {
      args.push(word);
      if (options.stopAtFirstArgument) args.push(...state.rest.splice(0));
    }
    if (state.help) break;
  }
  return { flags: valuesOf(state), args, help: state.help };
}

interface State {
  readonly table: FlagTable;
  readonly rest: string[];
  readonly given: Map<string, FlagValue[]>;
  help: boolean;
}

type FlagValue = string | number | boolean;

function readLong(state: State, word: string): void {
  const [name, ...afterEquals] = word.slice(2).split('=');
  const inline = afterEquals.length === 0 ? undefined : afterEquals.join('=');
  if (name === undefined || name === '' || name.startsWith('-')) throw new UsageError(`bad flag syntax: ${word}`);
  const spec = Object.hasOwn(state.table, name) ? state.table[name] : undefined;
  if (spec === undefined) {
    if (name !== 'help') throw new UsageError(`unknown flag: ${word.split('=')[0] ?? word}`);
    state.help = true;
    return;
  }
  const value = inline ?? (spec.kind === 'bool' ? 'true' : state.rest.shift());
  if (value === undefined) throw new UsageError(`flag needs an argument: ${word}`);
  keep(state, { name, spec, value });
}

function readShorts(state: State, word: string): void {
  for (let position = 1; position < word.length; position++) {
    const letter = word.charAt(position);
    const found = Object.entries(state.table).find(([, spec]) => spec.short === letter);
    if (found === undefined) {
      if (letter !== 'h') throw new UsageError(`unknown shorthand flag: '${letter}' in ${word.slice(0)}`);
      state.help = true;
      return;
    }
    const [name, spec] = found;
    const after = word.slice(position + 1);
    if (after.startsWith('=')) {
      keep(state, { name, spec, value: after.slice(1) });
      return;
    }
    if (spec.kind === 'bool') {
      keep(state, { name, spec, value: 'true' });
      continue;
    }
    const value = after === '' ? state.rest.shift() : after;
    if (value === undefined) throw new UsageError(`flag needs an argument: '${letter}' in ${word}`);
    keep(state, { name, spec, value });
    return;
  }
}

function keep(state: State, flag: { name: string; spec: FlagSpec; value: string }): void {
  const parsed = parseFlagValue(flag.spec, flag.value);
  if ('problem' in parsed) {
    const spelling = `${flag.spec.short === undefined ? '' : `-${flag.spec.short}, `}--${flag.name}`;
    throw new UsageError(`invalid argument "${flag.value}" for "${spelling}" flag: ${parsed.problem}`);
  }
  const before = flag.spec.kind === 'list' ? (state.given.get(flag.name) ?? []) : [];
  state.given.set(flag.name, [...before, parsed.value]);
}

function valuesOf<T extends FlagTable>({ table, given }: State): FlagValues<T> {
  const last = (name: string): FlagValue | undefined => given.get(name)?.at(-1);
  return {
    isOn: (name) => {
      const spec = table[name];
      return last(name) === true || (last(name) === undefined && spec?.kind === 'bool' && spec.on === true);
    },
    text: (name) => {
      const value = last(name);
      return typeof value === 'string' ? value : undefined;
    },
    all: (name) => (given.get(name) ?? []).filter((value) => typeof value === 'string'),
    number: (name) => {
      const value = last(name);
      return typeof value === 'number' ? value : undefined;
    },
    isGiven: (name) => given.has(name),
  };
}
