import { WindowboxError } from '../../errors/index.js';

/** Says of a path below the context, with `/` between, whether it stays out of it. */
export type IsIgnored = (path: string) => boolean;

/**
 * `.dockerignore` by Docker's rules: Go's filepath.Match with `**`; a pattern also covers what is below; `!` takes back; the
 * last pattern that fits decides. `#` begins a comment line.
 *
 * @throws WindowboxError `invalid-argument` for a pattern that Go would not take.
 */
export function parseIgnoreFile(text: string): IsIgnored {
  const patterns = text
    .replace(/^\uFEFF/u, '')
    .split(/\r?\n/u)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(readPattern)
    .filter(({ source }) => source !== '' && source !== '.');
  return (path) => {
    let ignored = false;
    for (const { negated, expression } of patterns)
      if (negated === ignored && expression.test(path)) ignored = !negated;
    return ignored;
  };
}

interface Pattern {
  readonly source: string;
  readonly negated: boolean;
  readonly expression: RegExp;
}

function readPattern(line: string): Pattern {
  const negated = line.startsWith('!');
  const source = clean(negated ? line.slice(1).trim() : line);
  if (negated && source === '') throw invalid('!', 'illegal exclusion pattern: "!"');
  return { source, negated, expression: toExpression(source) };
}

/** Go's filepath.Clean with the leading slash gone. */
function clean(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

function toExpression(pattern: string): RegExp {
  let text = '';
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern.charAt(at);
    if (pattern.startsWith('**', at)) {
      const slash = pattern.charAt(at + 2) === '/';
      at += slash ? 2 : 1;
      text += at === pattern.length - 1 ? '.*' : slash ? '(?:.*/)?' : '.*';
    } else if (sign === '*') text += '[^/]*';
    else if (sign === '?') text += '[^/]';
    else if (sign === '[') {
      const close = pattern.indexOf(']', at + 2);
      if (close === -1) throw invalid(pattern, 'syntax error in pattern');
      const inside = pattern.slice(at + 1, close).replaceAll('\\', String.raw`\\`);
      text += `[${inside}]`;
      at = close;
    } else if (sign === '\\') {
      at += 1;
      if (at >= pattern.length) throw invalid(pattern, 'syntax error in pattern');
      text += escape(pattern.charAt(at));
    } else text += escape(sign);
  }
  try {
    return new RegExp(`^${text}(?:/.*)?$`, 'su');
  } catch {
    throw invalid(pattern, 'syntax error in pattern');
  }
}

function escape(sign: string): string {
  return /[\^$\\.*+?()[\]{}|/]/u.test(sign) ? `\\${sign}` : sign;
}

function invalid(pattern: string, reason: string): WindowboxError {
  return new WindowboxError('invalid-argument', `error checking context: ${reason}`, {
    hint: `It is the pattern "${pattern}" in .dockerignore.`,
  });
}
