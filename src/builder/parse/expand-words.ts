import { WindowboxError } from '../../errors/index.js';

/** Looks a variable up; undefined when it is not set. On Windows names know no case. */
export type Lookup = (name: string) => string | undefined;

export interface ExpandOptions {
  readonly lookup: Lookup;
  readonly escape: '\\' | '`';
}

/**
 * Expands variables, quotes and escapes of one word, as the Dockerfile's own little shell does: `$A`, `${A}`, `${A:-word}`,
 * `${A:+word}`, `${A:?text}`, and without the colon.
 *
 * @throws WindowboxError `invalid-argument` with Docker's text.
 */
export function expandWord(word: string, options: ExpandOptions): string {
  return expandParts(word, options)
    .map(({ text }) => text)
    .join('');
}

/** As {@link expandWord}, and splits at the blanks that are not in quotes, also those that a variable brought. */
export function expandWords(text: string, options: ExpandOptions): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const part of expandParts(text, options)) {
    if (part.quoted) {
      word = (word ?? '') + part.text;
      continue;
    }
    for (const piece of part.text.split(/(\s+)/u)) {
      if (piece === '') continue;
      if (!/^\s/u.test(piece)) word = (word ?? '') + piece;
      else if (word !== undefined) {
        words.push(word);
        word = undefined;
      }
    }
  }
  return word === undefined ? words : [...words, word];
}

/** Splits at blanks outside of quotes; quotes and variables stay as they are. */
export function splitWords(text: string, escape: '\\' | '`'): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === escape && quote !== "'" && at + 1 < text.length) {
      word += character + (text[at + 1] ?? '');
      at += 1;
    } else if (quote === '' && /\s/u.test(character)) {
      if (word !== '') words.push(word);
      word = '';
    } else {
      if (quote === '' && (character === '"' || character === "'")) quote = character;
      else if (character === quote) quote = '';
      word += character;
    }
  }
  return word === '' ? words : [...words, word];
}

interface Part {
  readonly text: string;
  readonly quoted: boolean;
}

function expandParts(word: string, options: ExpandOptions): Part[] {
  const parts: Part[] = [];
  const { escape } = options;
  for (let at = 0; at < word.length;) {
    const character = word[at] ?? '';
    if (character === "'") {
      const end = word.indexOf("'", at + 1);
      if (end < 0) throw bad('unexpected end of statement while looking for matching single-quote');
      parts.push({ text: word.slice(at + 1, end), quoted: true });
      at = end + 1;
    } else if (character === '"') {
      const { text, next } = expandQuoted(word, at + 1, options);
      parts.push({ text, quoted: true });
      at = next;
    } else if (character === '$') {
      const { text, next } = expandVariable(word, at + 1, options);
      parts.push({ text, quoted: false });
      at = next;
    } else if (character === escape) {
      // An escape at the very end stands for itself.
      parts.push({ text: word[at + 1] ?? escape, quoted: true });
      at += 2;
    } else {
      parts.push({ text: character, quoted: false });
      at += 1;
    }
  }
  return parts;
}

function expandQuoted(word: string, start: number, options: ExpandOptions): { text: string; next: number } {
  let text = '';
  for (let at = start; at < word.length;) {
    const character = word[at] ?? '';
    if (character === '"') return { text, next: at + 1 };
    if (character === '$') {
      const found = expandVariable(word, at + 1, options);
      text += found.text;
      at = found.next;
    } else if (character === options.escape) {
      const following = word[at + 1];
      const escapes = following === '"' || following === '$' || following === options.escape;
      text += escapes ? following : character;
      at += escapes ? 2 : 1;
    } else {
      text += character;
      at += 1;
    }
  }
  throw bad('unexpected end of statement while looking for matching double-quote');
}

function expandVariable(word: string, at: number, options: ExpandOptions): { text: string; next: number } {
  if (word[at] !== '{') {
    const name = /^(?:[A-Za-z_]\w*|[0-9@*#?!-])/u.exec(word.slice(at))?.[0];
    if (name === undefined) return { text: '$', next: at };
    return { text: options.lookup(name) ?? '', next: at + name.length };
  }
  const end = closingBrace(word, at + 1);
  const inside = word.slice(at + 1, end);
  const [, name = '', colon = '', modifier = '', rest = ''] = /^(\w+)(?:(:?)([-+?])([^]*))?$/u.exec(inside) ?? [];
  if (name === '')
    throw bad(inside === '' ? 'bad substitution' : `unsupported modifier in substitution: \${${inside}}`);
  const value = options.lookup(name);
  const isSet = value !== undefined && (colon === '' || value !== '');
  const next = end + 1;
  if (modifier === '+') return { text: isSet ? expandWord(rest, options) : '', next };
  if (isSet || modifier === '') return { text: value ?? '', next };
  if (modifier === '-') return { text: expandWord(rest, options), next };
  throw bad(`${name}: ${rest === '' ? 'is not allowed to be unset' : expandWord(rest, options)}`);
}

function closingBrace(word: string, start: number): number {
  let depth = 1;
  for (let at = start; at < word.length; at += 1) {
    if (word[at] === '{') depth += 1;
    else if (word[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  throw bad("syntax error: missing '}'");
}

function bad(message: string): WindowboxError {
  return new WindowboxError('invalid-argument', `failed to process: ${message}`);
}
