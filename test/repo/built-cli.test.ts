import assert from 'node:assert/strict';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type CommandTable, commandTable } from '../../src/cli/command-table.js';
import { type RunResult, tryCommand } from '../../src/platform/index.js';

// The command line as users have it: bundled, a file a command. Unit tests run it from its modules, where an error has the same class everywhere.
const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const cli = join(repository, 'dist/bin/cli.js');

for (const command of commands(commandTable)) {
  test(`"windowbox ${command}" as built prints its help, and answers a wrong flag without a stack trace`, async () => {
    const help = await run([...command.split(' '), '--help']);
    assert.equal(help.exitCode, 0, help.stderr);
    assert.match(help.stdout, /^Usage:/);
    assert.equal(help.stderr, '');
    const wrong = await run([...command.split(' '), '--no-such-flag']);
    assert.notEqual(wrong.exitCode, 0);
    assert.match(wrong.stderr, /no-such-flag/);
    assert.doesNotMatch(wrong.stderr, /^\s+at |Node\.js v/m);
  });
}

/** Every command once, by the first name that leads to it. */
function commands(table: CommandTable, above: readonly string[] = [], seen = new Set<unknown>()): readonly string[] {
  return Object.entries(table).flatMap(([name, entry]) => {
    const path = [...above, name];
    if ('commands' in entry) return commands(entry.commands, path, seen);
    if (seen.has(entry.load)) return [];
    seen.add(entry.load);
    return [path.join(' ')];
  });
}

async function run(args: readonly string[]): Promise<RunResult> {
  return tryCommand(process.execPath, [cli, ...args], { timeoutMs: 20_000 });
}
