import { WindowboxError } from '../../errors/index.js';
import { checkFlags } from './check-flags.js';

/** One instruction, as it is written. Nothing is expanded yet. */
export interface Instruction {
  /** Upper case: `RUN`. */
  readonly name: string;
  readonly flags: readonly Flag[];
  /** What follows name and flags, lines joined, trimmed. */
  readonly rest: string;
  /** `["a", "b"]`, when the rest is that. */
  readonly json: readonly string[] | undefined;
  readonly heredocs: readonly Heredoc[];
  /** First line, from 1. */
  readonly line: number;
  /** With what continues it. */
  readonly lastLine: number;
  /** Name, flags and rest, as `Step 1/2 : …` shows them. */
  readonly original: string;
}

export interface Flag {
  readonly name: string;
  /** Absent for `--link`. */
  readonly value?: string;
}

export interface Heredoc {
  readonly name: string;
  readonly content: string;
  /** Variables in it are expanded: its name was not quoted. */
  readonly expand: boolean;
}

export interface Dockerfile {
  /** Backslash, or the backtick that suits Windows paths. */
  readonly escape: '\\' | '`';
  readonly instructions: readonly Instruction[];
  /** As they are written. */
  readonly lines: readonly string[];
}

/**
 * Reads a Dockerfile by BuildKit's and the classic builder's common grammar: directives, comments, continued lines, flags, JSON
 * forms and heredocs.
 *
 * @throws WindowboxError `invalid-argument` with Docker's text and the line.
 */
export function parseDockerfile(text: string): Dockerfile {
  const lines = text.replace(/^\uFEFF/u, '').split(/\r?\n/u);
  const escape = readEscape(lines);
  const instructions: Instruction[] = [];
  for (let at = 0; at < lines.length;) {
    if (isSkipped(lines[at] ?? '')) {
      at += 1;
      continue;
    }
    const joined = joinLines(lines, at, escape);
    const head = splitInstruction(joined.text, at + 1);
    const found = readHeredocs(head, lines, joined.next);
    instructions.push({ ...head, heredocs: found.heredocs, lastLine: found.next });
    at = found.next;
  }
  if (instructions.length === 0) throw new WindowboxError('invalid-argument', 'file with no instructions');
  return { escape, instructions, lines };
}

/** Reads one instruction, without continuation or heredoc: an `ONBUILD` trigger or a `--change`. */
export function parseInstruction(text: string, line: number): Instruction {
  return splitInstruction(text.trim(), line);
}

/** Directives are comments at the very top; the first line that is none ends them. */
function readEscape(lines: readonly string[]): '\\' | '`' {
  const seen = new Set<string>();
  let escape: '\\' | '`' = '\\';
  for (const [index, line] of lines.entries()) {
    const found = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/u.exec(line);
    if (!found) break;
    const [, name = '', value = ''] = found;
    const key = name.toLowerCase();
    if (key !== 'escape' && key !== 'syntax' && key !== 'check') break;
    if (seen.has(key)) throw parseError(index + 1, `only one ${key} parser directive can be used`);
    seen.add(key);
    if (key !== 'escape') continue;
    if (value !== '\\' && value !== '`') throw parseError(index + 1, `invalid ESCAPE '${value}'. Must be ' or \\`);
    escape = value;
  }
  return escape;
}

function isSkipped(line: string): boolean {
  return /^\s*(?:#|$)/u.test(line);
}

/** An escape character at the end of a line, not itself escaped, continues it. Comments and empty lines between are left out. */
function joinLines(lines: readonly string[], start: number, escape: string): { text: string; next: number } {
  let text = (lines[start] ?? '').trimStart();
  let at = start + 1;
  while (isContinued(text, escape)) {
    text = text.replace(/[ \t]*$/u, '').slice(0, -1);
    while (at < lines.length && isSkipped(lines[at] ?? '')) at += 1;
    if (at >= lines.length) break;
    text += lines[at] ?? '';
    at += 1;
  }
  return { text: text.trimEnd(), next: at };
}

function isContinued(text: string, escape: string): boolean {
  const trimmed = text.replace(/[ \t]*$/u, '');
  return trimmed.endsWith(escape) && trimmed.at(-2) !== escape;
}

function splitInstruction(text: string, line: number): Instruction {
  const [, word = '', tail = ''] = /^(\S+)\s*([^]*)$/u.exec(text) ?? [];
  const name = word.toUpperCase();
  if (!known.has(name)) throw parseError(line, `unknown instruction: ${word}`);
  const { flags, rest } = withFlags.has(name) ? readFlags(tail) : { flags: [], rest: tail };
  refuseFlags(name, flags, line);
  const trimmed = rest.trim();
  if (trimmed === '' && !mayBeEmpty.has(name)) throw parseError(line, `${name} requires at least one argument`);
  return { name, flags, rest: trimmed, json: readJson(trimmed), heredocs: [], line, lastLine: line, original: text };
}

function readFlags(tail: string): { flags: Flag[]; rest: string } {
  const flags: Flag[] = [];
  let rest = tail;
  for (;;) {
    const found = /^--([a-zA-Z][\w-]*)(?:=((?:"[^"]*"|\S)*))?(?:\s+|$)/u.exec(rest);
    if (!found) break;
    const [whole, name = '', value] = found;
    flags.push({ name, ...(value === undefined ? {} : { value: value.replace(/^"([^]*)"$/u, '$1') }) });
    rest = rest.slice(whole.length);
  }
  return { flags, rest: rest.replace(/^--\s+/u, '') };
}

function refuseFlags(name: string, flags: readonly Flag[], line: number): void {
  try {
    checkFlags(name, flags);
  } catch (error) {
    if (error instanceof WindowboxError) throw parseError(line, error.message);
    throw error;
  }
}

function readJson(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

function readHeredocs(
  head: Instruction,
  lines: readonly string[],
  start: number,
): { heredocs: readonly Heredoc[]; next: number } {
  if (!withHeredocs.has(head.name) || head.json) return { heredocs: [], next: start };
  const heredocs: Heredoc[] = [];
  let at = start;
  for (const [, dash = '', quote = '', name = ''] of head.rest.matchAll(
    /(?<=^|\s)\d*<<(-?)(["']?)([A-Za-z_][\w.-]*)\2/gu,
  )) {
    const content: string[] = [];
    for (; ; at += 1) {
      const line = lines[at];
      if (line === undefined) throw parseError(head.line, `unterminated heredoc`);
      if ((dash === '' ? line : line.replace(/^\t+/u, '')) === name) break;
      content.push(dash === '' ? line : line.replace(/^\t+/u, ''));
    }
    at += 1;
    heredocs.push({ name, content: content.map((line) => `${line}\n`).join(''), expand: quote === '' });
  }
  return { heredocs, next: at };
}

/** Docker's text. */
export function parseError(line: number, reason: string): WindowboxError {
  return new WindowboxError('invalid-argument', `dockerfile parse error on line ${String(line)}: ${reason}`);
}

const known = new Set([
  'ADD',
  'ARG',
  'CMD',
  'COPY',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'FROM',
  'HEALTHCHECK',
  'LABEL',
  'MAINTAINER',
  'ONBUILD',
  'RUN',
  'SHELL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);
const withFlags = new Set(['ADD', 'COPY', 'FROM', 'HEALTHCHECK', 'RUN']);
const withHeredocs = new Set(['ADD', 'COPY', 'RUN']);
const mayBeEmpty = new Set(['CMD', 'ENTRYPOINT']);
