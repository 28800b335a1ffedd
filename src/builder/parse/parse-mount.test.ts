import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isErrorCode } from '../../errors/index.js';
import { parseMount } from './parse-mount.js';

const context = { line: 7, workdir: 'C:\\app', expand: (word: string) => word.replaceAll('$V', 'x') };

test('a mount is read with its short names, variables, quotes and defaults', () => {
  assert.deepEqual(parseMount('target=src,source=a\\$V', context), {
    type: 'bind',
    target: 'C:\\app\\src',
    source: 'a\\x',
    from: undefined,
    writable: false,
  });
  assert.deepEqual(parseMount('type=bind,from=tool,src=/,dst=C:/t,rw', context), {
    type: 'bind',
    target: 'C:\\t',
    source: '/',
    from: 'tool',
    writable: true,
  });
  assert.deepEqual(parseMount('type=cache,"target=C:\\a,b",sharing=locked,ro', context), {
    type: 'cache',
    id: 'c:\\a,b',
    target: 'C:\\a,b',
    source: '',
    from: undefined,
    sharing: 'locked',
    readOnly: true,
  });
  assert.deepEqual(parseMount('type=secret,id=token', context), {
    type: 'secret',
    id: 'token',
    target: 'C:\\run\\secrets\\token',
    env: undefined,
    required: false,
  });
  assert.deepEqual(parseMount('type=secret,id=token,env=TOKEN,required', context), {
    type: 'secret',
    id: 'token',
    target: undefined,
    env: 'TOKEN',
    required: true,
  });
});

const refused: readonly [text: string, reason: RegExp][] = [
  ['type=bind', /target is required/u],
  ['type=bind,target=x,what=y', /unexpected key 'what'/u],
  ['type=secret,id=a,sharing=shared', /unexpected key 'sharing' for mount type 'secret'/u],
  ['type=cache,target=x,sharing=some', /invalid value for sharing: "some"/u],
  ['type=cache,target=x,source=y', /its 'from', which is missing/u],
  ['type=bind,target=x,from=$STAGE', /'from' doesn't support variable expansion/u],
  ['type=bind,target', /invalid field 'target' must be a key=value pair/u],
  ['target=C:\\', /cannot be C:\\/u],
  ['target=D:\\folder', /only the drive itself/u],
  ['target=x,readonly=perhaps', /invalid value for readonly: perhaps/u],
  ['type=secret', /needs an id or a target/u],
  ['type=tmpfs,target=x', /mount type "tmpfs": Windows has no file system in memory/u],
  ['type=ssh', /mount type "ssh": /u],
  ['type=nothing,target=x', /unsupported mount type "nothing"/u],
];
for (const [text, reason] of refused)
  test(`the mount ${text} is refused with its line`, () => {
    assert.throws(
      () => parseMount(text, context),
      (error) =>
        (isErrorCode(error, 'invalid-argument') || isErrorCode(error, 'unsupported')) &&
        error.message.startsWith('dockerfile parse error on line 7: ') &&
        reason.test(error.message),
    );
  });
