import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageProcessConfig } from '../dependencies.js';
import { effectiveProcess, type OwnProcess } from './effective-process.js';

type Words = readonly string[] | undefined;

const settings: OwnProcess = {
  entrypoint: undefined,
  command: undefined,
  argsEscaped: false,
  env: [],
  user: '',
  workingDir: '',
  healthcheck: undefined,
  labels: {},
  exposedPorts: [],
};
const config: ImageProcessConfig = {
  ...settings,
  command: ['image-command'],
  entrypoint: ['image-entry'],
  volumes: [],
  stopSignal: '',
  shell: [],
};

test('which of the entrypoint and command of a container and of its image run (moby: runconfig merge)', () => {
  const rows: readonly (readonly [entrypoint: Words, command: Words, line: string])[] = [
    [undefined, undefined, 'image-entry image-command'],
    [undefined, [], 'image-entry image-command'],
    [undefined, ['own'], 'image-entry own'],
    [['entry'], undefined, 'entry'],
    [['entry'], ['own'], 'entry own'],
    [[], undefined, 'image-command'],
    [[], ['own'], 'own'],
    // --entrypoint "" resets it, and takes the command of the image along.
    [[''], ['own', 'word'], 'own word'],
  ];
  for (const [entrypoint, command, line] of rows) {
    const { path, args } = effectiveProcess({ ...settings, entrypoint, command }, { config });
    assert.equal([path, ...args].join(' '), line, JSON.stringify([entrypoint, command]));
  }
  assert.throws(
    () => effectiveProcess({ ...settings, entrypoint: [''] }, { config }),
    /^WindowboxError: no command specified$/u,
  );
});
