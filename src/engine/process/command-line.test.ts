import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commandLineOf, joinCommandLine, quoteArgument } from './command-line.js';

test('an argument is quoted only where Windows would split or lose it', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['plain', 'plain'],
    ['', '""'],
    ['a b', '"a b"'],
    ['tab\there', '"tab\there"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['C:\\Program Files\\', '"C:\\Program Files\\\\"'],
    ['C:\\dir\\', 'C:\\dir\\'],
    ['back\\\\"slash', '"back\\\\\\\\\\"slash"'],
  ];
  for (const [argument, quoted] of rows) assert.equal(quoteArgument(argument), quoted);
});

test('what is joined splits into the same arguments by the rules of CommandLineToArgvW', () => {
  const argument = fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '\t', 'ü') });
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1 }), (args) => {
      assert.deepEqual(splitCommandLine(joinCommandLine(['program', ...args])), ['program', ...args]);
    }),
  );
});

test('an escaped command is taken as it stands, and further arguments are appended quoted', () => {
  assert.equal(commandLineOf(['cmd /S /C echo "a  b"'], true), 'cmd /S /C echo "a  b"');
  assert.equal(commandLineOf(['cmd /S /C dir', 'a b'], true), 'cmd /S /C dir "a b"');
  assert.equal(commandLineOf(['cmd', '/c', 'echo a b'], false), 'cmd /c "echo a b"');
});

/** CommandLineToArgvW for the arguments after the program, as Microsoft describes it; the test's own reading of the rules. */
function splitCommandLine(line: string): string[] {
  const result: string[] = [];
  let current: string | undefined;
  let quoted = false;
  for (let index = 0; index < line.length;) {
    const backslashes = /^\\*/u.exec(line.slice(index))?.[0].length ?? 0;
    const next = line[index + backslashes];
    if (next === '"') {
      current = (current ?? '') + '\\'.repeat(Math.floor(backslashes / 2));
      if (backslashes % 2 === 1) current += '"';
      else quoted = !quoted;
      index += backslashes + 1;
      continue;
    }
    if (backslashes > 0) {
      current = (current ?? '') + '\\'.repeat(backslashes);
      index += backslashes;
      continue;
    }
    const char = line[index++] ?? '';
    if (!quoted && (char === ' ' || char === '\t')) {
      if (current !== undefined) result.push(current);
      current = undefined;
    } else current = (current ?? '') + char;
  }
  if (current !== undefined) result.push(current);
  return result;
}
