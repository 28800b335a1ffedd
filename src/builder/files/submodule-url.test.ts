import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isErrorCode } from '../../errors/index.js';
import { submoduleUrl } from './submodule-url.js';

const resolved: readonly (readonly [parent: string, url: string, expected: string])[] = [
  ['https://example.com/team/app.git', 'https://other.example/lib', 'https://other.example/lib'],
  ['https://example.com/team/app.git', '../lib.git', 'https://example.com/team/lib.git'],
  ['https://example.com/team/app.git/', '../../other/lib.git/', 'https://example.com/other/lib.git'],
  ['https://example.com/team/app.git', './lib', 'https://example.com/team/app.git/lib'],
  ['https://user@example.com:8443/app', '../lib', 'https://user@example.com:8443/lib'],
  ['git@example.com:team/app.git', '../lib.git', 'git@example.com:team/lib.git'],
  ['git@example.com:app.git', '../lib.git', 'git@example.com:lib.git'],
  ['git@example.com:team/app.git', '../../lib.git', 'git@example.com:lib.git'],
  ['git://127.0.0.1:9418/a', '.././b', 'git://127.0.0.1:9418/b'],
  ['https://example.com/a', 'ssh://git@[::1]:22/lib', 'ssh://git@[::1]:22/lib'],
];
for (const [parent, url, expected] of resolved)
  test(`"${url}" of a submodule in ${parent} is ${expected}`, () => {
    assert.equal(submoduleUrl(parent, url), expected);
  });

const refused = [
  '/etc',
  'lib',
  '',
  'file:///etc',
  'ext::sh -c id',
  'ext::id',
  'fd::3',
  'ftp://example.com/lib',
  '-u./run',
  'ssh://-oProxyCommand=id/lib',
  'ssh://-oProxyCommand=id@example.com/lib',
  '-oProxyCommand=id@example.com:lib',
  'git@-oProxyCommand=id:lib',
  'git@example.com:-lib',
  'https://example.com/a\nhost=other.example',
  'https://example.com/a b',
  'https::https://example.com/lib',
  '../../../lib',
  '../../../../lib',
];
for (const url of refused)
  test(`${JSON.stringify(url)} is no address of a submodule`, () => {
    for (const parent of ['https://example.com/team/app.git', 'git@example.com:team/app.git'])
      assert.throws(
        () => submoduleUrl(parent, url),
        (error) => isErrorCode(error, 'invalid-argument'),
      );
  });
