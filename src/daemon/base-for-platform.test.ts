import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseForPlatform } from './base-for-platform.js';

const nano = 'mcr.microsoft.com/windows/nanoserver';

test("a base's name stands for its product, and the platform says of which build", () => {
  assert.equal(baseForPlatform(`${nano}:ltsc2022`, undefined), `${nano}:ltsc2022`);
  assert.equal(baseForPlatform(`${nano}:ltsc2022`, 'windows/amd64'), `${nano}:ltsc2022`);
  assert.equal(baseForPlatform(`${nano}:ltsc2022`, 'windows(10.0.20348)/amd64'), `${nano}:ltsc2022`);
  assert.equal(baseForPlatform(`${nano}:ltsc2022`, 'windows(10.0.17763)/amd64'), `${nano}:1809`);
  assert.equal(baseForPlatform('my/app:1', 'windows(10.0.17763)/amd64'), 'my/app:1');
});

test('a build that Microsoft published no such base for is refused, and no other one takes its place', () => {
  assert.throws(() => baseForPlatform(`${nano}:ltsc2022`, 'windows(10.0.25398)/amd64'), {
    code: 'not-found',
    message: /Microsoft published no nanoserver of build 25398$/u,
    hint: /10\.0\.26100, 10\.0\.20348/u,
  });
});
