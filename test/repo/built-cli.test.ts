import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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

test('--version is one line, whether a daemon runs or not', async () => {
  const { exitCode, stdout, stderr } = await run(['-H', 'unix:///nowhere/daemon.sock', '--version']);
  assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
  assert.match(stdout, /^Windowbox version \d+\.\d+\.\d+\n$/u);
});

test('who is not root and finds no daemon is told how to have one', async (t) => {
  const able = process.getuid?.() === 0 && (await asNobody(['--help'])).exitCode === 0;
  if (!able) return t.skip('needs root, and Node and this folder readable for everybody');
  const folder = await mkdtemp(join(tmpdir(), 'windowbox-nobody-'));
  t.after(async () => rm(folder, { recursive: true }));
  await chmod(folder, 0o755);
  const result = await asNobody(['run', '--rm', 'nanoserver', 'cmd'], folder);
  assert.equal(result.exitCode, 125);
  assert.match(result.stderr, /only root can, and none runs\nStart it once as root: sudo windowbox ps/u);
});

async function asNobody(args: readonly string[], folder = '/nowhere'): Promise<RunResult> {
  const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
  const env = { PATH: process.env['PATH'], WINDOWBOX_HOME: folder, WINDOWBOX_RUN: folder };
  return tryCommand('setpriv', [...nobody, process.execPath, cli, ...args], { timeoutMs: 20_000, env });
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
