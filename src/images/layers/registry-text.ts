import { WindowboxError } from '../../errors/index.js';
import { foldName } from './entry-name.js';

/** A registry file as Wine keeps it: what stands before the first key, and the keys in their order. */
export interface RegistryText {
  readonly preamble: string;
  /** By folded path. */
  readonly keys: ReadonlyMap<string, RegistryKey>;
}

export interface RegistryKey {
  /** `Software\\Wine`, escaped as in the file. */
  readonly path: string;
  /** Seconds since 1970, as the file says; empty for none. */
  readonly stamp: string;
  /** `#class="…"`, `#link` and the like, without the time. */
  readonly options: readonly string[];
  /** Whole `"name"=value` texts, continuation lines included, by folded name. */
  readonly values: ReadonlyMap<string, string>;
}

/** @throws WindowboxError `invalid-argument` for what is no registry file of Wine's. */
export function parseRegistry(text: string): RegistryText {
  const first = text.search(/^\[/mu);
  const preamble = first < 0 ? text : text.slice(0, first);
  if (!preamble.startsWith('WINE REGISTRY Version 2'))
    throw new WindowboxError('invalid-argument', 'Cannot read registry file: it is not one of Wine');
  const keys = new Map<string, RegistryKey>();
  let values = new Map<string, string>();
  let options: string[] = [];
  for (const line of logicalLines(first < 0 ? '' : text.slice(first))) {
    const head = /^\[(.*)\] *(\d*)$/u.exec(line);
    if (head) {
      values = new Map();
      options = [];
      const path = head[1] ?? '';
      keys.set(foldName(path), { path, stamp: head[2] ?? '', options, values });
    } else if (line.startsWith('#')) {
      if (!line.startsWith('#time=')) options.push(line);
    } else if (line !== '') values.set(foldName(valueName(line)), line);
  }
  return { preamble, keys };
}

export function formatRegistry({ preamble, keys }: RegistryText): string {
  const sections = [...keys.values()].map(({ path, stamp, options, values }) =>
    [`[${path}]${stamp === '' ? '' : ` ${stamp}`}`, ...options, ...values.values(), ''].join('\n'),
  );
  return `${preamble.trimEnd()}\n\n${sections.join('\n')}`;
}

/** `"name"` or `@`. */
function valueName(line: string): string {
  return /^(?:@|"(?:[^"\\]|\\.)*")/u.exec(line)?.[0] ?? line;
}

/** A line that ends in a backslash goes on in the next one; a name or text never ends so, since a quote follows. */
function* logicalLines(text: string): Generator<string> {
  let held = '';
  for (const line of text.split(/\r?\n/u)) {
    held += held === '' ? line : `\n${line}`;
    if (line.endsWith('\\') && !line.startsWith('[')) continue;
    yield held;
    held = '';
  }
  if (held !== '') yield held;
}
