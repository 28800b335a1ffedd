import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatOsVersion } from '../oci/index.js';
import { hcsErrors } from './data/hcs-errors.js';
import { explain, explainedHcsErrors } from './explain.js';

/** What people paste, and the ids of the explanations. */
const rows: readonly (readonly [string, readonly string[]])[] = [
  ['0xc0370101', ['hcs-0101']],
  ['C0370106', ['hcs-0106']],
  ['0x80370102', ['hcs-0102']],
  ['ERROR_VMCOMPUTE_INVALID_LAYER', ['hcs-0112']],
  [
    'docker: Error response from daemon: hcs::CreateComputeSystem 3f2a: The container operating system does not match the host operating system.',
    ['hcs-0101'],
  ],
  [
    'container 1 encountered an error during CreateContainer: failure in a Windows system call: The operating system of the container does not match the operating system of the host. (0xc0370101) extra info: {"a":1}',
    ['hcs-0101'],
  ],
  ['a Windows version 10.0.20348-based image is incompatible with a 10.0.17763 host', ['newer-image-at-pull']],
  ['no matching manifest for windows/amd64 10.0.17763 in the manifest list entries', ['no-matching-manifest']],
  ['no matching manifest for windows(10.0.19045)/amd64 in the manifest list entries', ['no-matching-manifest']],
  ['Error: Windows client operating systems only support Hyper-V containers', ['client-hyperv-only']],
  ["invalid isolation (x): Windows supports 'default', 'process', or 'hyperv'", ['invalid-isolation']],
  [
    'hcsshim::CreateComputeSystem a: The system cannot find the file specified.\n(extra info: {})',
    ['down-level-files'],
  ],
  ['hcsshim::System::Start: context deadline exceeded', ['start-timeout']],
  ['the file was not found', []],
  ['0x12345678', []],
  ['', []],
];

test('each message and code that people paste is explained, and nothing else is', () => {
  for (const [text, ids] of rows)
    assert.deepEqual(
      explain(text).map(({ id }) => id),
      ids,
      text,
    );
});

test('the versions in a message are found and named', () => {
  const [found] = explain('a Windows version 10.0.20348-based image is incompatible with a 10.0.17763 host');
  assert.ok(found?.host !== undefined && found.image !== undefined);
  assert.deepEqual([formatOsVersion(found.host), formatOsVersion(found.image)], ['10.0.17763', '10.0.20348']);
  assert.match(found.causes.join(' '), /Windows Server 2019.*needs Windows Server 2022 or later/u);
  assert.match(found.ways.join(' '), /servercore:ltsc2019/u);
});

test('every HCS code is explained, under both of its spellings', () => {
  assert.equal(explainedHcsErrors().length, hcsErrors.length);
  for (const { low } of hcsErrors)
    for (const prefix of ['0x8037', '0xc037'])
      assert.equal(explain(`${prefix}${low.toString(16).padStart(4, '0')}`).length, 1, `${prefix} ${String(low)}`);
});

test('no text makes explain throw or take long', () => {
  fc.assert(fc.property(fc.string({ maxLength: 500 }), (text) => assert.ok(Array.isArray(explain(text)))));
  const began = performance.now();
  for (const piece of [
    'CreateComputeSystem ',
    'incompatible with a ',
    'a Windows version 10.0.1-based image is ',
    '0xc037',
  ])
    explain(piece.repeat(20_000));
  assert.ok(performance.now() - began < 2000);
});
