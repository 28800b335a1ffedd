import { describeError } from '../../errors/index.js';
import type { Instruction } from '../parse/parse-dockerfile.js';
import type { Build } from './build-state.js';
import { processText } from './command-failure.js';

/** What went wrong in a step, as BuildKit says it: the reason, and the place in the Dockerfile. */
export function failureOf(
  build: Build,
  instruction: Instruction,
  error: unknown,
): { readonly error: string; readonly excerpt: string } {
  return {
    error: processText(error) ?? describeError(error),
    excerpt: instruction.line === 0 ? '' : excerptOf(build, instruction),
  };
}

function excerptOf({ dockerfile, request }: Build, { line, lastLine }: Instruction): string {
  const first = Math.max(1, line - around);
  const shown = dockerfile.lines.slice(first - 1, lastLine + around).map((text, index) => {
    const number = first + index;
    const mark = number >= line && number <= lastLine ? '>>>' : '   ';
    return ` ${String(number).padStart(3)} | ${mark} ${text}`;
  });
  const rule = '--------------------';
  return [`${request.dockerfile}:${String(line)}`, rule, ...shown, rule].join('\n');
}

/** Lines before and after. */
const around = 2;
