import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIgnoreFile } from './ignore-patterns.js';

test('.dockerignore is read as Docker reads it', () => {
  const rows: readonly (readonly [file: string, ignored: readonly string[], kept: readonly string[]])[] = [
    ['', [], ['a', 'a/b']],
    ['# a\n\n  b  ', ['b', 'b/c'], ['a', 'a/b']],
    ['*.md', ['a.md'], ['a.txt', 'docs/a.md']],
    ['**/*.md', ['a.md', 'docs/a.md', 'x/y/a.md'], ['a.mdx']],
    ['docs', ['docs', 'docs/a', 'docs/a/b'], ['docs2', 'x/docs']],
    ['/docs/', ['docs', 'docs/a'], ['x/docs']],
    ['*/temp*', ['a/temp', 'a/temporary', 'a/temp/x'], ['temp', 'a/b/temp']],
    ['a/**', ['a/b', 'a/b/c'], ['b']],
    ['**', ['a', 'a/b'], []],
    ['temp?', ['tempa'], ['temp', 'tempab']],
    ['[a-c].txt', ['a.txt', 'c.txt'], ['d.txt']],
    ['*.md\n!README.md', ['a.md'], ['README.md']],
    ['*\n!keep\n!keep/x', ['a', 'b/c'], ['keep', 'keep/x', 'keep/y']],
    ['!README.md\n*.md', ['README.md'], []],
    ['./a/../b', ['b'], ['a']],
    ['a+b(c).txt', ['a+b(c).txt'], ['aab(c).txt']],
    [String.raw`\*.txt`, ['*.txt'], ['a.txt']],
  ];
  for (const [file, ignored, kept] of rows) {
    const isIgnored = parseIgnoreFile(file);
    for (const path of ignored) assert.equal(isIgnored(path), true, `${JSON.stringify(file)} ignores ${path}`);
    for (const path of kept) assert.equal(isIgnored(path), false, `${JSON.stringify(file)} keeps ${path}`);
  }
  assert.throws(() => parseIgnoreFile('[a'), /syntax error in pattern/u);
  assert.throws(() => parseIgnoreFile('!'), /illegal exclusion pattern/u);
});
