import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostProfile } from '../rules/index.js';
import { admitPull } from './admit-pull.js';

const image = { os: 'windows', architecture: 'amd64', osVersion: '10.0.18363.1556' };

test('an image that is newer than the host is not pulled, in the words of Docker and with the host that would; a version that was asked for is', () => {
  const admit = admitPull(() => hostProfile('windows-10-1903'));
  assert.throws(() => admit(image, undefined), {
    code: 'unsupported',
    message: 'a Windows version 10.0.18363-based image is incompatible with a 10.0.18362 host',
    hint: 'The first host that pulls it is Windows 10, version 1909.  windowbox host use windows-10-1909',
  });
  assert.throws(() => admit(image, { os: 'windows', architecture: 'amd64' }), { code: 'unsupported' });
  admit(image, image);
  admit({ os: 'windows', architecture: 'amd64' }, undefined);
  for (const other of ['windows-10-1909', 'any']) admitPull(() => hostProfile(other))(image, undefined);
});
