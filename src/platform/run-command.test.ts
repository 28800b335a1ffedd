import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand, tryCommand } from './run-command.js';

const timeoutMs = 10_000;

test('a command ends with its exit code and what it wrote; what it reads is what it was given', async () => {
  const args = ['-c', 'cat; echo no >&2; exit 3'];
  const result = await tryCommand('sh', args, { timeoutMs, input: 'yes' });
  assert.deepEqual(result, { exitCode: 3, stdout: 'yes', stderr: 'no\n' });
});

test('an end by a signal has 128 and the number of the signal', async () => {
  assert.equal((await tryCommand('sh', ['-c', 'kill -SEGV $$'], { timeoutMs })).exitCode, 139);
});

test('a failure names the command, its code and its last words, and cuts a script short', async () => {
  await assert.rejects(runCommand('sh', ['-c', 'echo because >&2; exit 4'], { timeoutMs }), {
    code: 'internal',
    message: 'Cannot run "sh -c echo because >&2; exit 4": exit code 4: because',
  });
  const script = `exit 5\n${'# more\n'.repeat(100)}`;
  await assert.rejects(runCommand('sh', ['-c', script], { timeoutMs }), ({ message }: Error) => {
    assert.match(message, /^Cannot run "sh -c exit 5 # more .*…": exit code 5$/u);
    return message.length < 250;
  });
});

test('a command that does not end is ended: at its limit of time, and when the caller no longer wants it', async () => {
  await assert.rejects(tryCommand('sleep', ['60'], { timeoutMs: 100 }), { code: 'timeout', message: /after 0\.1 s/u });
  const signal = AbortSignal.timeout(100);
  await assert.rejects(tryCommand('sleep', ['60'], { timeoutMs, signal }), { code: 'cancelled' });
});

test('a program that is not there is told as such', async () => {
  await assert.rejects(tryCommand('no-such-program', [], { timeoutMs }), { code: 'not-found', hint: /doctor/u });
});

test('of a long output the end is kept', async () => {
  const { stdout } = await tryCommand('sh', ['-c', 'seq 1 10000'], { timeoutMs, maxOutput: 10 });
  assert.equal(stdout, '9999\n10000\n'.slice(-10));
});
