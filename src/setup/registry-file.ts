/** A value as Wine writes it after `"name"=`: `"text"`, `dword:0000000a`, `str(2):"%SystemRoot%"`. */
export type RegistryValue =
  | { readonly type: 'text'; readonly text: string }
  /** With `%NAME%` in it, for Windows to fill in. */
  | { readonly type: 'expand'; readonly text: string }
  | { readonly type: 'number'; readonly number: number };

export interface RegistryEdit {
  /** Below the file's root, with single backslashes: `Software\Microsoft\Windows NT\CurrentVersion`. */
  readonly key: string;
  /** Undefined removes the value. */
  readonly values: Readonly<Record<string, RegistryValue | undefined>>;
}

/**
 * Changes values in the text of a Wine registry file (`system.reg`, `user.reg`); a key that is not there is added. Names match
 * without regard to case. Only for a prefix on which no wineserver runs: it would write its own state over it.
 */
export function editRegistry(content: string, edits: readonly RegistryEdit[]): string {
  return edits.reduce(editKey, content);
}

function editKey(content: string, edit: RegistryEdit): string {
  const section = findSection(content, edit.key);
  if (section === undefined) return `${content.trimEnd()}\n\n[${escapeText(edit.key)}] 0\n${valueLines(edit)}\n`;
  const old = content.slice(section.begin, section.end).trimEnd();
  const changed = new Set(Object.keys(edit.values).map((name) => name.toLowerCase()));
  const kept = splitValues(old).filter(({ name }) => name === undefined || !changed.has(name.toLowerCase()));
  const lines = [...kept.map(({ text }) => text), valueLines(edit)].filter((text) => text !== '').join('\n');
  return `${content.slice(0, section.begin)}${lines.trimEnd()}\n\n${content.slice(section.end)}`;
}

function findSection(content: string, key: string): { readonly begin: number; readonly end: number } | undefined {
  const begin = content.toLowerCase().indexOf(`\n[${escapeText(key).toLowerCase()}]`);
  if (begin < 0) return undefined;
  const next = content.indexOf('\n[', begin + 2);
  return { begin: begin + 1, end: next < 0 ? content.length : next + 1 };
}

interface Line {
  /** Undefined for a line that is no value: the key's own, its time, its class. */
  readonly name: string | undefined;
  readonly text: string;
}

/** A value may go on over several lines, each ended by a backslash. */
function splitValues(section: string): readonly Line[] {
  const joined = section.replaceAll('\\\n', '\u0000');
  return joined.split('\n').map((text) => {
    const name = /^"((?:[^"\\]|\\.)*)"=/u.exec(text)?.[1];
    return { name: name === undefined ? undefined : unescapeText(name), text: text.replaceAll('\u0000', '\\\n') };
  });
}

function valueLines({ values }: RegistryEdit): string {
  return Object.entries(values)
    .flatMap(([name, value]) => (value === undefined ? [] : [`"${escapeText(name)}"=${formatValue(value)}`]))
    .join('\n');
}

function formatValue(value: RegistryValue): string {
  if (value.type === 'number') return `dword:${value.number.toString(16).padStart(8, '0')}`;
  const quoted = `"${escapeText(value.text)}"`;
  return value.type === 'text' ? quoted : `str(2):${quoted}`;
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

function unescapeText(text: string): string {
  return text.replaceAll(/\\(.)/gu, '$1');
}
