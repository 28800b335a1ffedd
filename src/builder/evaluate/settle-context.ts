import type { Instruction } from '../parse/parse-dockerfile.js';
import type { SharedBuild } from './build-state.js';

/**
 * Brings all of the context that a step of this Dockerfile may take, before a command runs that may take long: whoever edits a file meanwhile changes
 * the next build, and not this one. Where a source is only known when its step comes, that is everything.
 */
export async function settleContext({ context, dockerfile }: SharedBuild): Promise<void> {
  await context.settle(dockerfile.instructions.flatMap(topsOf));
}

/** Below which places of the context an instruction finds what it takes. */
function topsOf(instruction: Instruction): readonly (readonly string[])[] {
  const { name, flags, json, rest } = instruction;
  if (name === 'RUN') return flags.flatMap((flag) => (flag.name === 'mount' ? topsOfMount(flag.value ?? '') : []));
  if ((name !== 'COPY' && name !== 'ADD') || flags.some((flag) => flag.name === 'from')) return [];
  const words = json ?? rest.split(/\s+/u);
  return words.slice(0, -1).flatMap(topOf);
}

function topsOfMount(value: string): readonly (readonly string[])[] {
  const fields = new Map(value.split(',').map((field): [string, string] => [field.split('=')[0] ?? '', field]));
  const type = fields.get('type') ?? 'type=bind';
  if (type !== 'type=bind' || fields.has('from')) return [];
  const source = fields.get('source') ?? fields.get('src') ?? '=';
  return topOf(source.slice(source.indexOf('=') + 1));
}

/** The folders of a source that are named without a pattern, and the file. A variable or a quote may stand for anything. */
function topOf(word: string): readonly (readonly string[])[] {
  if (word.startsWith('<<') || /^https?:\/\//iu.test(word)) return [];
  if (/["'$\\`]/u.test(word)) return [[]];
  const parts = word.split('/').filter((part) => part !== '' && part !== '.');
  const pattern = parts.findIndex((part) => part === '..' || /[*?[]/u.test(part));
  return [pattern < 0 ? parts : parts.slice(0, pattern)];
}
