import { templateError } from './template-error.js';

/** A piece of a template: text as it stands, or the inside of `{{ }}`. */
export type Segment =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'action'; readonly tokens: readonly Token[] };

export type Token =
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'punctuation'; readonly text: '(' | ')' | '|' | ',' | ':=' | '=' };

/** Splits a Go template; `{{-` and `-}}` trim the text beside them, a comment is dropped. */
export function lexTemplate(source: string): readonly Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    const end = open === -1 ? source.length : open;
    const trimThis = open !== -1 && /^\{\{-\s/u.test(source.slice(open, open + 4));
    pushText(segments, source.slice(at, end), { start: trimNext, end: trimThis });
    if (open === -1) break;
    const close = findClose(source, open + 2);
    trimNext = /\s-$/u.test(source.slice(open + 2, close));
    const inside = source.slice(open + (trimThis ? 3 : 2), trimNext ? close - 1 : close).trim();
    if (!inside.startsWith('/*')) segments.push({ kind: 'action', tokens: lexAction(inside) });
    at = close + 2;
  }
  return segments;
}

function pushText(segments: Segment[], raw: string, trim: { start: boolean; end: boolean }): void {
  let text = trim.start ? raw.trimStart() : raw;
  if (trim.end) text = text.trimEnd();
  if (text !== '') segments.push({ kind: 'text', text });
}

/** The `}}` that ends an action; one inside a string does not. */
function findClose(source: string, from: number): number {
  const pattern = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|\}\}/gu;
  pattern.lastIndex = from;
  for (let match = pattern.exec(source); match !== null; match = pattern.exec(source)) {
    if (match[0] === '}}') return match.index;
  }
  throw templateError('unclosed action');
}

function lexAction(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const space = /^\s+/u.exec(rest)?.[0];
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const found = rules.map(({ pattern, make }) => ({ match: pattern.exec(rest), make })).find(({ match }) => match);
    const match = found?.match;
    if (found === undefined || !match) throw templateError(`unexpected ${JSON.stringify(rest.charAt(0))} in command`);
    tokens.push(found.make(match[0]));
    at += match[0].length;
  }
  return tokens;
}

const rules: readonly { readonly pattern: RegExp; readonly make: (text: string) => Token }[] = [
  {
    pattern: /^\$\w*(?:\.\w+)*/u,
    make: (text) => {
      const [name = '$', ...path] = text.split('.');
      return { kind: 'variable', name, path };
    },
  },
  { pattern: /^-?\d+(?:\.\d+)?/u, make: (text) => ({ kind: 'number', value: Number(text) }) },
  {
    pattern: /^(?:\.[\p{L}_][\p{L}\p{N}_]*)+|^\./u,
    make: (text) => ({ kind: 'field', path: text.split('.').filter((part) => part !== '') }),
  },
  { pattern: /^"(?:[^"\\\n]|\\.)*"/u, make: (text) => ({ kind: 'string', value: unquote(text) }) },
  { pattern: /^`[^`]*`/u, make: (text) => ({ kind: 'string', value: text.slice(1, -1) }) },
  { pattern: /^:=/u, make: () => ({ kind: 'punctuation', text: ':=' }) },
  { pattern: /^\(/u, make: () => ({ kind: 'punctuation', text: '(' }) },
  { pattern: /^\)/u, make: () => ({ kind: 'punctuation', text: ')' }) },
  { pattern: /^\|/u, make: () => ({ kind: 'punctuation', text: '|' }) },
  { pattern: /^,/u, make: () => ({ kind: 'punctuation', text: ',' }) },
  { pattern: /^=/u, make: () => ({ kind: 'punctuation', text: '=' }) },
  { pattern: /^[\p{L}_][\p{L}\p{N}_]*/u, make: (text) => ({ kind: 'word', text }) },
];

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(u[\da-f]{4}|x[\da-f]{2}|.)/giu, (_, escape: string) => {
    if (escape.length > 1) return String.fromCodePoint(Number.parseInt(escape.slice(1), 16));
    return { n: '\n', t: '\t', r: '\r', a: '\u0007', b: '\b', f: '\f', v: '\v' }[escape] ?? escape;
  });
}
