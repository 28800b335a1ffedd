import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isErrorCode } from '../errors/index.js';
import { allBases } from '../rules/index.js';
import { formatOsVersion } from '../oci/index.js';
import { type BaseIdentity, baseRegistry } from './base-registry.js';

function read(base: BaseIdentity, key: string): Readonly<Record<string, unknown>> {
  const values = baseRegistry(base).find((edit) => edit.key.endsWith(key))?.values ?? {};
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value?.type === 'number' ? value.number : value?.text]),
  );
}

const names: readonly (readonly [BaseIdentity['product'], string, Readonly<Record<string, unknown>>])[] = [
  [
    'servercore',
    '10.0.17763.3887',
    {
      CurrentBuild: '17763',
      UBR: 3887,
      ProductName: 'Windows Server 2019 Datacenter',
      ReleaseId: '1809',
      InstallationType: 'Server Core',
    },
  ],
  // The first semi-annual release: its name has no year.
  [
    'nanoserver',
    '10.0.16299.726',
    { CurrentBuildNumber: '16299', ProductName: 'Windows Server Datacenter', InstallationType: 'Nano Server' },
  ],
  [
    'server',
    '10.0.20348.5499',
    { DisplayVersion: '21H2', ProductName: 'Windows Server 2022 Datacenter', InstallationType: 'Server' },
  ],
  ['nanoserver', '10.0.26100.33296', { DisplayVersion: '24H2', ProductName: 'Windows Server 2025 Datacenter' }],
  [
    'windows',
    '10.0.18363',
    { CurrentBuild: '18363', UBR: 0, ReleaseId: '1909', EditionID: 'Enterprise', InstallationType: 'Client' },
  ],
];
for (const [product, osVersion, expected] of names)
  test(`${product} ${osVersion} says so of itself`, () => {
    const found = read({ product, osVersion }, String.raw`Windows NT\CurrentVersion`);
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, found[name]])), expected);
  });

test('the full Windows image is a workstation, the others are servers', () => {
  for (const product of ['nanoserver', 'servercore', 'server', 'windows'] as const) {
    const { ProductType } = read({ product, osVersion: '10.0.17763.1' }, 'ProductOptions');
    assert.equal(ProductType, product === 'windows' ? 'WinNT' : 'ServerNT', product);
  }
});

test('a 32-bit program reads the same version as a 64-bit one', () => {
  const base = { product: 'servercore', osVersion: '10.0.20348.1' } as const;
  assert.deepEqual(
    read(base, String.raw`Wow6432Node\Microsoft\Windows NT\CurrentVersion`),
    read(base, String.raw`Software\Microsoft\Windows NT\CurrentVersion`),
  );
});

test('every base of the catalog has a registry of its own', () => {
  const all = allBases().map(({ product, osVersion }) =>
    JSON.stringify(baseRegistry({ product, osVersion: formatOsVersion(osVersion) })),
  );
  assert.ok(all.length >= 20);
  assert.equal(new Set(all).size, all.length);
});

test('a version that is none is refused', () => {
  assert.throws(
    () => baseRegistry({ product: 'nanoserver', osVersion: 'ltsc2019' }),
    (error) => isErrorCode(error, 'invalid-argument'),
  );
});
