import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WindowboxError } from '../errors/index.js';
import { parseConfig, readConfig } from './config.js';

test('a good configuration is taken as it is, an empty one too', () => {
  assert.deepEqual(parseConfig('{}', 'x'), {});
  const config = {
    host: { profile: 'windows-10-1909', engine: '18.09.1' },
    'exec-opts': ['isolation=process'],
    'log-level': 'debug',
  };
  assert.deepEqual(parseConfig(JSON.stringify(config), 'x'), config);
});

test('a bad configuration is refused with the file and the key', () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['{"storage-drivr":1}', /Cannot read the configuration "f": "storage-drivr": there is no such key/u],
    ['{"hosts":"unix:///x"}', /"hosts": Array expected, "unix:\/\/\/x" found/u],
    ['{"log-level":"loud"}', /"log-level": .*"debug".* expected, "loud" found/u],
    ['{"exec-opts":[1]}', /"exec-opts\.0": string expected, 1 found/u],
    ['{', /Cannot read the configuration "f": /u],
    ['[]', /Cannot read the configuration "f": "the file"/u],
    ['7', /Cannot read the configuration "f": "the file": Object expected, 7 found/u],
  ];
  for (const [text, message] of rows)
    assert.throws(
      () => parseConfig(text, 'f'),
      (error) => error instanceof WindowboxError && error.code === 'invalid-argument' && message.test(error.message),
      text,
    );
});

test('a file that was asked for must exist, the default one need not', async () => {
  await assert.rejects(
    readConfig({ WINDOWBOX_CONFIG: '/nowhere/daemon.json' }),
    /Cannot read the configuration "\/nowhere\/daemon.json": no such file/u,
  );
});
