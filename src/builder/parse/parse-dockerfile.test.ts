import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isErrorCode } from '../../errors/index.js';
import { expandWord, expandWords, splitWords } from './expand-words.js';
import { matchesPath, parseIgnore } from './match-patterns.js';
import { readPairs } from './name-value-pairs.js';
import { parseDockerfile } from './parse-dockerfile.js';
import { joinWorkdir, partsOnDrive } from './windows-path.js';

test('instructions carry their line, flags, form and text; comments and continued lines are joined', () => {
  const { escape, instructions } = parseDockerfile(
    '# escape=`\n\nFROM --platform=windows/amd64 a AS b\n# a comment\nrun echo 1 `\n\n  # inside\n  && dir C:\\ \nCMD ["a", "b\\\\c"]\n',
  );
  assert.equal(escape, '`');
  assert.deepEqual(
    instructions.map(({ name, line, rest }) => [name, line, rest]),
    [
      ['FROM', 3, 'a AS b'],
      ['RUN', 5, 'echo 1   && dir C:\\'],
      ['CMD', 9, '["a", "b\\\\c"]'],
    ],
  );
  assert.deepEqual(instructions[0]?.flags, [{ name: 'platform', value: 'windows/amd64' }]);
  assert.deepEqual(instructions[2]?.json, ['a', 'b\\c']);
});

test('with the backslash as escape a line that ends in two is not continued', () => {
  const { instructions } = parseDockerfile('FROM a\nWORKDIR C:\\\\\nRUN b');
  assert.deepEqual(
    instructions.map(({ name }) => name),
    ['FROM', 'WORKDIR', 'RUN'],
  );
});

test('heredocs are read to their end, with tabs taken off where asked', () => {
  const { instructions } = parseDockerfile('FROM a\nCOPY <<-EOF <<"B" C:/x/\n\tone $V\n\tEOF\ntwo $V\nB\nRUN c');
  assert.deepEqual(instructions[1]?.heredocs, [
    { name: 'EOF', content: 'one $V\n', expand: true },
    { name: 'B', content: 'two $V\n', expand: false },
  ]);
  assert.equal(instructions.length, 3);
});

const refused: readonly [string, string, RegExp][] = [
  ['an unknown word', 'FROM a\nFOO b', /^dockerfile parse error on line 2: unknown instruction: FOO$/u],
  ['nothing', '# only a comment\n', /^file with no instructions$/u],
  ['an empty instruction', 'FROM a\nENV', /^dockerfile parse error on line 2: ENV requires at least one argument$/u],
  ['a bad escape', '# escape=x\nFROM a', /invalid ESCAPE 'x'/u],
  ['an open heredoc', 'FROM a\nRUN <<EOF\nx', /unterminated heredoc/u],
];
for (const [what, text, message] of refused)
  test(`a Dockerfile with ${what} is refused with its line`, () => {
    assert.throws(
      () => parseDockerfile(text),
      (error) => isErrorCode(error, 'invalid-argument') && message.test(error.message),
    );
  });

const values: Readonly<Record<string, string>> = { A: 'one', EMPTY: '', P: 'C:\\x y' };
const options = { lookup: (name: string) => values[name], escape: '`' } as const;
const expansions: readonly [string, string][] = [
  ['$A-${A}', 'one-one'],
  ['${NONE:-x$A}', 'xone'],
  ['${EMPTY:-x}', 'x'],
  ['${EMPTY-x}', ''],
  ['${A:+yes}${NONE:+no}', 'yes'],
  ["'$A'", '$A'],
  ['"$A `"q`""', 'one "q"'],
  ['`$A', '$A'],
  ['C:\\dir\\$A', 'C:\\dir\\one'],
  ['50$', '50$'],
  ['$NONE', ''],
];
for (const [word, expanded] of expansions)
  test(`${word} expands to ${JSON.stringify(expanded)}`, () => {
    assert.equal(expandWord(word, options), expanded);
  });

test('a variable that must be set, and an open quote or brace, are refused', () => {
  for (const word of ['${NONE:?no value}', '"open', "'open", '${A', '${A%x}'])
    assert.throws(
      () => expandWord(word, options),
      (error) => isErrorCode(error, 'invalid-argument'),
      word,
    );
});

test('words are split at blanks that are not quoted, before or after variables', () => {
  assert.deepEqual(expandWords('a "$P" $P', options), ['a', 'C:\\x y', 'C:\\x', 'y']);
  assert.deepEqual(splitWords('A="x y" B=`  c', '`'), ['A="x y"', 'B=` ', 'c']);
  assert.deepEqual(readPairs('A="x y" B=$A', 'ENV', options), [
    ['A', 'x y'],
    ['B', 'one'],
  ]);
  assert.deepEqual(readPairs('A x y', 'ENV', options), [['A', 'x y']]);
});

const folders: readonly [string, string, string][] = [
  ['', 'app', 'C:\\app'],
  ['C:\\a', 'b/c', 'C:\\a\\b\\c'],
  ['C:\\a', '\\b', 'C:\\b'],
  ['C:\\a', 'd:\\x\\', 'D:\\x'],
  ['C:\\a', '..\\..\\b', 'C:\\b'],
  ['C:\\a', '.', 'C:\\a'],
];
for (const [current, path, joined] of folders)
  test(`WORKDIR ${path} in ${JSON.stringify(current)} is ${joined}`, () => {
    assert.equal(joinWorkdir(current, path), joined);
  });

test('a drive without a backslash, and another drive as a destination, are refused', () => {
  assert.throws(() => joinWorkdir('', 'C:app'), /use a trailing \\/u);
  assert.throws(() => partsOnDrive('D:\\x'), /not on the system drive/u);
});

test('ignore patterns take folders with what is in them, and later ones win', () => {
  const ignored = parseIgnore('# comment\n*.log\n!keep.log\nnode_modules\n**/tmp\n/docs/*.md\n');
  const rows: readonly [string, boolean][] = [
    ['a.log', true],
    ['keep.log', false],
    ['sub/a.log', false],
    ['node_modules/x/y', true],
    ['a/b/tmp/c', true],
    ['docs/a.md', true],
    ['docs/sub/a.md', false],
    ['a-b.txt', false],
  ];
  for (const [path, expected] of rows) assert.equal(ignored(path), expected, path);
  assert.ok(matchesPath('a-b.txt', 'a-*.txt') && !matchesPath('a/b.txt', '*.txt') && matchesPath('a1', 'a[0-9]'));
});
