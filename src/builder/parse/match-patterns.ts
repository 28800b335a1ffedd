/** Go's `filepath.Match`, which wildcards in COPY and ADD follow: `*` and `?` stay within one folder. */
export function matchesPath(path: string, pattern: string): boolean {
  return toExpression(pattern, '[^/]*')?.test(path) ?? false;
}

export type IgnoreTest = (path: string) => boolean;

/**
 * Reads a `.dockerignore`: patterns from the root of the context, `**` for any folders, `!` for exceptions; the last that matches
 * decides, and a folder's pattern takes what is in it.
 */
export function parseIgnore(text: string): IgnoreTest {
  const rules = text
    .replace(/^\uFEFF/u, '')
    .split(/\r?\n/u)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '!')
    .map((line) => {
      const keep = line.startsWith('!');
      const pattern = (keep ? line.slice(1).trim() : line)
        .replaceAll('\\', '/')
        .replace(/^\/+/u, '')
        .replace(/\/+$/u, '');
      return { keep, expression: toExpression(pattern, '[^/]*') };
    });
  // Most contexts: each of very many paths would be taken apart for nothing.
  if (rules.length === 0) return () => false;
  return (path) => {
    const places = path.split('/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/'));
    let ignored = false;
    for (const { keep, expression } of rules)
      if (expression && ignored === keep && places.some((place) => expression.test(place))) ignored = !keep;
    return ignored;
  };
}

function toExpression(pattern: string, star: string): RegExp | undefined {
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? '';
    if (pattern.startsWith('**', at)) {
      const isFolder = pattern[at + 2] === '/';
      source += isFolder ? '(?:.*/)?' : '.*';
      at += isFolder ? 2 : 1;
    } else if (character === '*') source += star;
    else if (character === '?') source += '[^/]';
    else if (character === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end < 0) return undefined;
      source += `[${pattern
        .slice(at + 1, end)
        .replaceAll('\\', '\\\\')
        .replaceAll('[', '\\[')}]`;
      at = end;
    } else source += character.replaceAll(/[\\.+^${}()|[\]]/gu, '\\$&');
  }
  try {
    return new RegExp(`^${source}$`, 'su');
  } catch {
    return undefined;
  }
}
