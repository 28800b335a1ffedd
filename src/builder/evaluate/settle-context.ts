import type { Flag, Instruction } from '../parse/parse-dockerfile.js';
import { parseMount } from '../parse/parse-mount.js';
import type { SharedBuild } from './build-state.js';
import { isHeredocWord } from './copy-texts.js';

/**
 * Brings all of the context that a step of this Dockerfile may take, before a command runs that may take long: whoever edits a file meanwhile changes
 * the next build, and not this one. Where a source is only known when its step comes, that is everything.
 */
export async function settleContext({ context, dockerfile }: SharedBuild): Promise<void> {
  await context.settle(dockerfile.instructions.flatMap(topsOf));
}

/** Below which places of the context an instruction finds what it takes. */
function topsOf(instruction: Instruction): readonly (readonly string[])[] {
  const { name, flags, json, rest, heredocs } = instruction;
  if (name === 'RUN') return flags.flatMap((flag) => (flag.name === 'mount' ? topsOfMount(flag, instruction) : []));
  if ((name !== 'COPY' && name !== 'ADD') || flags.some((flag) => flag.name === 'from')) return [];
  const sources = (json ?? rest.split(/\s+/u)).slice(0, -1);
  return sources.filter((word) => !heredocs.some((heredoc) => isHeredocWord(word, heredoc.name))).flatMap(topOf);
}

function topsOfMount({ value = '' }: Flag, { line }: Instruction): readonly (readonly string[])[] {
  try {
    const mount = parseMount(value, { line, workdir: 'C:\\', expand: (word) => word });
    return mount.type === 'bind' && mount.from === undefined ? topOf(mount.source) : [];
  } catch {
    // Wrong, or not yet right: its own step tells.
    return everything;
  }
}

/** The folders of a source that are named without a pattern, and the file. A variable or a quote may stand for anything. */
function topOf(word: string): readonly (readonly string[])[] {
  if (/^https?:\/\//iu.test(word)) return [];
  if (/["'$\\`]/u.test(word)) return everything;
  const parts = word.split('/').filter((part) => part !== '' && part !== '.');
  const pattern = parts.findIndex((part) => part === '..' || /[*?[]/u.test(part));
  return [pattern < 0 ? parts : parts.slice(0, pattern)];
}

const everything: readonly (readonly string[])[] = [[]];
