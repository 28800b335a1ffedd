import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  daemonRefusesBuild,
  invalidExecOptIsolation,
  invalidIsolation,
  mismatchAtStart,
  newerImageAtPull,
  noMatchingManifest,
  processRefusedOnClient,
} from './docker-texts.js';
import { parseEngineVersion } from './engine-version.js';

const host = { major: 10, minor: 0, build: 17763 };
const image = { major: 10, minor: 0, build: 20348, revision: 707 };
const mismatch = 'The container operating system does not match the host operating system.';

test('the mismatch at start is worded as each Docker worded it', () => {
  const rows: readonly (readonly [string, string])[] = [
    [
      '17.06.0-ce',
      'container abc encountered an error during CreateContainer: failure in a Windows system call: The operating system of the container does not match the operating system of the host. (0xc0370101)',
    ],
    ['18.09.0', `CreateComputeSystem abc: ${mismatch}`],
    ['19.03.15', `hcsshim::CreateComputeSystem abc: ${mismatch}`],
    ['20.10.24', `hcsshim::CreateComputeSystem abc: ${mismatch}`],
    ['23.0.0', `hcs::CreateComputeSystem abc: ${mismatch}`],
    ['29.0.1', `hcs::CreateComputeSystem abc: ${mismatch}`],
  ];
  for (const [engine, text] of rows)
    assert.equal(mismatchAtStart({ engine: parseEngineVersion(engine), containerId: 'abc' }), text, engine);
});

test('a list without an image for the host is worded as each Docker worded it', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['17.03.2-ce', 'no supported platform found in manifest list'],
    ['17.04.0', 'no matching manifest for windows/amd64 in the manifest list entries'],
    ['18.06.0', 'no matching manifest for unknown in the manifest list entries'],
    ['18.09.5', 'no matching manifest for unknown in the manifest list entries'],
    ['18.09.6', 'no matching manifest for windows/amd64 10.0.17763 in the manifest list entries'],
    ['27.5.1', 'no matching manifest for windows/amd64 10.0.17763 in the manifest list entries'],
    ['28.0.0', 'no matching manifest for windows(10.0.17763)/amd64 in the manifest list entries'],
  ];
  for (const [engine, text] of rows) assert.equal(noMatchingManifest(parseEngineVersion(engine), host), text, engine);
});

test('a newer image is refused at pull since 18.04, with three numbers of each version', () => {
  assert.equal(newerImageAtPull(parseEngineVersion('18.03.1'), image, host), undefined);
  assert.equal(
    newerImageAtPull(parseEngineVersion('18.04.0-ce'), image, host),
    'a Windows version 10.0.20348-based image is incompatible with a 10.0.17763 host',
  );
});

test('process isolation on a client: never before 18.09.1, from build 17763 until 20.10, always since 23.0', () => {
  const never = 'Windows client operating systems only support Hyper-V containers';
  const older = 'Windows client operating systems earlier than version 1809 can only run Hyper-V containers';
  const rows: readonly (readonly [string, number, string | undefined])[] = [
    ['1.11.2', 14393, undefined],
    ['1.12.0', 14393, never],
    ['18.09.0', 17763, never],
    ['18.09.0', 18363, never],
    ['18.09.1', 17134, older],
    ['18.09.1', 17763, undefined],
    ['20.10.24', 17134, older],
    ['20.10.24', 19045, undefined],
    ['23.0.0', 17763, undefined],
  ];
  for (const [engine, build, text] of rows)
    assert.equal(processRefusedOnClient(parseEngineVersion(engine), build), text, `${engine} ${String(build)}`);
});

test('a daemon does not start on a Windows that is too old for it', () => {
  assert.equal(daemonRefusesBuild(parseEngineVersion('20.10.24'), 14393), undefined);
  assert.equal(
    daemonRefusesBuild(parseEngineVersion('1.13.0'), 10586),
    'The docker daemon requires build 14393 or later of Windows Server 2016 or Windows 10',
  );
  assert.equal(
    daemonRefusesBuild(parseEngineVersion('23.0.0'), 17134),
    'this version of Windows does not support the docker daemon (Windows build 17763 or higher is required)',
  );
});

test('bad values of isolation are quoted as they were written', () => {
  assert.equal(invalidIsolation('VM'), "invalid isolation (VM): Windows supports 'default', 'process', or 'hyperv'");
  assert.equal(
    invalidExecOptIsolation(parseEngineVersion('20.10.0'), 'x'),
    "Invalid exec-opt value for 'isolation':'x'",
  );
  assert.equal(
    invalidExecOptIsolation(parseEngineVersion('29.0.0'), 'x'),
    "invalid exec-opt value for 'isolation':'x'",
  );
});

test('versions of Docker are ordered by their numbers', () => {
  const ordered = [
    '1.10',
    '1.13.1',
    '17.03.2-ce',
    '17.06.0-ee-3',
    '18.09.0',
    '18.09.1',
    'v19.03.0~rc1',
    '20.10.24',
    '29.0.1',
  ];
  const numbers = ordered.map(parseEngineVersion);
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
  for (const text of ['', '18', 'latest', '18.09.0.1.2', '-1.2'])
    assert.throws(() => parseEngineVersion(text), { code: 'invalid-argument' }, text);
});
