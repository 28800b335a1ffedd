import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatOsVersion } from '../oci/index.js';
import { allBases, findBase, resolveBase, tagsForBase, tagsOf } from './resolve-base.js';

const mcr = 'mcr.microsoft.com/windows';

/** Reference, product, os.version. */
const rows: readonly (readonly [string, string, string])[] = [
  [`${mcr}/nanoserver:ltsc2025`, 'nanoserver', '10.0.26100.33296'],
  [`${mcr}/nanoserver:1909`, 'nanoserver', '10.0.18363.1556'],
  [`${mcr}/nanoserver:1809-amd64`, 'nanoserver', '10.0.17763.3887'],
  [`${mcr}/servercore:1809-KB4493509`, 'servercore', '10.0.17763.3887'],
  [`${mcr}/servercore:1803_KB4480966`, 'servercore', '10.0.17134.345'],
  [`${mcr}/servercore:ltsc2019-KB4493509-amd64`, 'servercore', '10.0.17763.3887'],
  [`${mcr}/servercore:10.0.17763.437`, 'servercore', '10.0.17763.437'],
  [`${mcr}/servercore:10.0.18362.959-amd64`, 'servercore', '10.0.18362.959'],
  [`${mcr}/servercore:ltsc2022`, 'servercore', '10.0.20348.5499'],
  [`${mcr}/server:ltsc2022`, 'server', '10.0.20348.5499'],
  [`${mcr}:20h2`, 'windows', '10.0.19042.572'],
  ['microsoft/nanoserver:sac2016', 'nanoserver', '10.0.14393.2485'],
  ['microsoft/windowsservercore:ltsc2016', 'servercore', '10.0.14393.2485'],
  ['docker.io/microsoft/windowsservercore:1709', 'servercore', '10.0.16299.726'],
  [`${mcr}/nanoserver/insider:10.0.27000.1`, 'nanoserver', '10.0.27000.1'],
];

test('a reference to a Microsoft base image resolves to product and version without a network', () => {
  for (const [reference, product, osVersion] of rows) {
    const base = resolveBase(reference);
    assert.ok(base !== undefined, reference);
    assert.deepEqual([base.product, formatOsVersion(base.osVersion)], [product, osVersion], reference);
  }
});

test('any other repository is no base, nor is a bare digest', () => {
  for (const reference of [
    'ubuntu',
    'mcr.microsoft.com/dotnet/runtime:8.0',
    `${mcr}/iis:ltsc2022`,
    `${mcr}@sha256:${'a'.repeat(64)}`,
  ])
    assert.equal(resolveBase(reference), undefined, reference);
});

test('an unknown tag is refused with those that exist, nearest first', () => {
  assert.throws(() => resolveBase(`${mcr}/nanoserver:1908`), {
    code: 'not-found',
    hint: /nearest first: 190[39], 190[39], 1809/u,
  });
  assert.throws(() => resolveBase(`${mcr}/servercore`), {
    code: 'not-found',
    message: /no tag "latest" since 2019-04-16/u,
  });
  assert.throws(() => resolveBase(`${mcr}:ltsc2022`), { code: 'not-found' });
  assert.throws(() => resolveBase(`${mcr}/server:10.0.17763.1`), { code: 'not-found' });
});

test('every base of the catalog resolves to itself by each of its tags', () => {
  for (const base of allBases()) {
    const repository = base.canonical.split(':')[0] ?? '';
    for (const tag of tagsForBase(base)) assert.deepEqual(resolveBase(`${repository}:${tag}`), base);
    assert.deepEqual(findBase(base.product, base.build), base);
  }
  assert.equal(allBases().length, 27);
  assert.deepEqual(tagsOf('server'), ['ltsc2025', 'ltsc2022', 'win10-21h1-preview']);
});

test('Nano Server runs as ContainerUser since version 1709, everything else as ContainerAdministrator', () => {
  for (const { product, build, defaultUser } of allBases())
    assert.equal(
      defaultUser === 'ContainerUser',
      product === 'nanoserver' && build >= 16299,
      `${product} ${String(build)}`,
    );
});
