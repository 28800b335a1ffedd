import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../../platform/index.js';
import { commandTable } from '../command-table.js';
import { renderCompletion } from './completion.js';

test('bash completes commands, groups, flags and the names of containers', async () => {
  const script = await renderCompletion(commandTable);
  const rows: readonly (readonly [words: readonly string[], expected: string])[] = [
    [['pau'], 'pause'],
    [['volume', 'cr'], 'create'],
    [['container', 'pru'], 'prune'],
    [['run', '--isol'], '--isolation'],
    [['run', '--rm', '--publish-'], '--publish-all'],
    [['stop', 'we'], 'web'],
    [['stop', 'other', 'we'], 'web'],
    [['check', '--he'], '--help'],
  ];
  for (const [words, expected] of rows) {
    const line = `${script}
WINDOWBOX_HOST=unix:///x
windowbox() { echo web; }
COMP_WORDS=(windowbox ${words.join(' ')}); COMP_CWORD=${String(words.length)}; _windowbox; echo "\${COMPREPLY[@]}"`;
    const { stdout } = await runCommand('bash', ['-c', line], { timeoutMs: 30_000 });
    assert.equal(stdout.trim(), expected, words.join(' '));
  }
});
