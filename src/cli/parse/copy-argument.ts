/** One side of `cp`: a path of this machine, `-` for a tar stream, or a path in a container. */
export type CopySide =
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'stream' }
  | { readonly kind: 'container'; readonly container: string; readonly path: string };

/**
 * Reads an argument of `cp` by Docker's rule: what is absolute or begins with a dot is local, and so is what has no colon. In
 * `web:C:\data` the first colon ends the container's name.
 */
export function parseCopyArgument(text: string): CopySide {
  if (text === '-') return { kind: 'stream' };
  const colon = text.indexOf(':');
  if (text.startsWith('/') || text.startsWith('.') || colon === -1) return { kind: 'local', path: text };
  return { kind: 'container', container: text.slice(0, colon), path: text.slice(colon + 1) };
}

/** A Windows path's folder and last name: `C:\a\b` → `C:\a`, `b`; `C:\` → `C:\`, ``. */
export function splitWindowsPath(path: string): { readonly folder: string; readonly name: string } {
  const clean = path.replaceAll('/', '\\').replace(/(?<!^[a-z]:)\\+$/iu, '');
  const at = clean.lastIndexOf('\\');
  if (at === -1) return { folder: 'C:\\', name: clean };
  const folder = clean.slice(0, at);
  return { folder: folder === '' || /^[a-z]:$/iu.test(folder) ? `${folder}\\` : folder, name: clean.slice(at + 1) };
}
