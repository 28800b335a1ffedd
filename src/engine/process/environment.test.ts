import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeEnvironment, windowsEnvironment } from './environment.js';

const about = { hostname: 'a0b1c2d3e4f5a6b7', user: 'ContainerUser', processors: 3 };

test('names do not regard case: the container’s PATH replaces the system’s Path', () => {
  const env = windowsEnvironment(['PATH=C:\\app', 'x='], about);
  assert.equal(env['PATH'], 'C:\\app');
  assert.equal(env['Path'], undefined);
  assert.equal(env['x'], '');
});

test('a name without a value takes the variable away', () => {
  assert.equal(windowsEnvironment(['temp'], about)['TEMP'], undefined);
});

test('the computer name is the host name as NetBIOS has it: upper case, fifteen characters', () => {
  assert.equal(windowsEnvironment([], about)['COMPUTERNAME'], 'A0B1C2D3E4F5A6B');
});

test('user, profile and processors are the container’s', () => {
  const env = windowsEnvironment([], about);
  assert.equal(env['USERPROFILE'], 'C:\\Users\\ContainerUser');
  assert.equal(env['NUMBER_OF_PROCESSORS'], '3');
});

test('later lists win and keep the place of the first', () => {
  assert.deepEqual(mergeEnvironment(['A=1', 'B=2'], ['a=3', 'C=4']), ['a=3', 'B=2', 'C=4']);
});
