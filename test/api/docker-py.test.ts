import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { findRepository, runCommand } from '../../src/platform/index.js';
import { runClient } from '../helpers/run-client.js';
import { startTestDaemon } from '../helpers/test-daemon.js';

/** docker-py, Debian's python3-docker: the calls that its users write, in a script of theirs. */
const python = '/usr/bin/python3';
const skip = await runCommand(python, ['-c', 'import docker'], { timeoutMs: 20_000 }).then(
  () => false,
  () => 'docker-py is not installed (Debian: python3-docker)',
);
const script = join(findRepository(), 'test/fixtures/docker-py/use.py');
const nano = 'mcr.microsoft.com/windows/nanoserver:ltsc2025';

test(
  'docker-py: runs, logs, execs, archives, stats, events, networks, volumes and images',
  { skip, timeout: 120_000 },
  async () => {
    const daemon = await startTestDaemon();
    try {
      const { code, stdout, stderr } = await runClient(python, [script], { host: daemon.host, timeoutMs: 100_000 });
      assert.equal(code, 0, `${stdout}\n${stderr}`);
      const steps = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly step: string; readonly result: unknown });
      assert.deepEqual(Object.fromEntries(steps.map(({ step, result }) => [step, result])), expected);
      assert.deepEqual(daemon.errors, []);
    } finally {
      await daemon.close();
    }
  },
);

const expected = {
  ping: true,
  run: 'out\r\n',
  'run that fails': [3, 'bad\r\n'],
  'run, streamed': 'one\r\ntwo\r\n',
  'logs, followed': 'started\r\n',
  attributes: ['running', 'docker-py', '8080', [nano]],
  exec: [5],
  'exec, both streams': ['o\r\n', 'e\r\n'],
  'exec, by its socket': '\u0001\0\0\0\0\0\0\u0005typed',
  'put archive': true,
  'get archive': ['a.txt', 5, 'hello'],
  'get archive of nothing': String.raw`Could not find the file C:\nosuch in container ID`,
  diff: [{ Path: String.raw`C:\a.txt`, Kind: 1 }],
  stats: { commitbytes: 50_000_000, commitpeakbytes: 60_000_000, privateworkingset: 40_000_000 },
  'stats, streamed': ['cpu_stats', 'memory_stats', 'num_procs'],
  top: ['Name', 'PID', 'CPU', 'Private Working Set'],
  pause: 'paused',
  filter: ['crate'],
  commit: [['mine:1'], 'why', true],
  wait: ['StatusCode'],
  removed: [],
  attach: '\u0001\0\0\0\0\0\0\u0005typed',
  events: ['create', 'start', 'die', 'commit', 'destroy'],
  'event of a commit': ['why', 'mine:2', true, true],
  networks: ['shop', 'nat', { a: 'b' }],
  'no network': 'network nosuch not found',
  volumes: [{ a: 'b' }, true],
  prune: ['SpaceReclaimed', 'VolumesDeleted', 'NetworksDeleted'],
  images: [[nano]],
  'pull of nothing':
    'Cannot find base image "mcr.microsoft.com/windows/nanoserver:9999": the repository has no such tag',
  pull: [nano],
  'no image': 'No such image: nosuch:latest',
  build: [['built:1'], 'Step 1/2'],
  'build that fails': true,
  'save and load': [['built:1']],
};
