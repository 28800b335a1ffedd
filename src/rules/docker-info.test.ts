import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeHost } from './docker-info.js';
import { hostIds, hostProfile } from './host-profile.js';

test('the fields of docker info are those of a real Windows Server 2022', () => {
  const info = describeHost(hostProfile('windows-server-2022', { revision: 707 }));
  assert.equal(info.Isolation, 'process');
  assert.equal(info.OSType, 'windows');
  assert.equal(info.OSVersion, '10.0.20348');
  assert.equal(info.OperatingSystem, 'Microsoft Windows Server Version 21H2 (OS Build 20348.707)');
  assert.equal(info.KernelVersion, '10.0 20348 (20348.1.amd64fre.fe_release.210507-1500)');
});

test('the fields of docker info are those of a real Windows 10 1809 under Docker 18.09', () => {
  const info = describeHost(
    hostProfile('windows-10-1809', { revision: 107, engine: '18.09.0', edition: 'enterprise' }),
  );
  assert.equal(info.Isolation, 'hyperv');
  assert.equal(info.OperatingSystem, 'Windows 10 Enterprise Version 1809 (OS Build 17763.107)');
  assert.equal(info.KernelVersion, '10.0 17763 (17763.1.amd64fre.rs5_release.180914-1434)');
});

test('Docker before 23.0 shows Windows 11 as Windows 10, later ones show neither', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['20.10.24', 'Windows 10 Pro Version 2009 (OS Build 22621.1006)'],
    ['23.0.0', 'Microsoft Windows Version 22H2 (OS Build 22621.1006)'],
  ];
  for (const [engine, text] of rows)
    assert.equal(describeHost(hostProfile('windows-11-22h2', { engine })).OperatingSystem, text);
});

test('Windows Server defaults to process, Windows 10 and 11 to hyperv', () => {
  for (const id of hostIds) {
    const host = hostProfile(id);
    const { Isolation, OSVersion, productType } = describeHost(host);
    assert.equal(Isolation, host.kind === 'server' ? 'process' : 'hyperv', id);
    assert.equal(productType, host.kind === 'server' ? 'ServerNT' : 'WinNT', id);
    assert.equal(OSVersion, `10.0.${String(host.build)}`);
  }
});

test('IoT Core defaults to process from 17.09 until 18.09.0, as an exception among clients', () => {
  const isolation = (engine: string): string =>
    describeHost(hostProfile('windows-10-1809', { edition: 'iot core', engine })).Isolation;
  assert.deepEqual(['17.06.2', '17.09.0', '18.09.0', '18.09.1'].map(isolation), [
    'hyperv',
    'process',
    'process',
    'hyperv',
  ]);
});

test('the registry names the product with its year in the long-term channel, without one elsewhere', () => {
  const rows: readonly (readonly [string, string, string, string | undefined])[] = [
    ['windows-server-2019', 'Windows Server 2019 Datacenter', '1809', undefined],
    ['windows-server-1909', 'Windows Server Datacenter', '1909', undefined],
    ['windows-server-20h2', 'Windows Server Datacenter', '2009', '20H2'],
    ['windows-server-2025', 'Windows Server 2025 Datacenter', '2009', '24H2'],
    ['any', 'Windows Server Datacenter', '2009', '24H2'],
    ['windows-11-23h2', 'Windows 10 Pro', '2009', '23H2'],
  ];
  for (const [id, productName, releaseId, displayVersion] of rows) {
    const info = describeHost(hostProfile(id));
    assert.deepEqual(
      [info.productName, info.releaseId, info.displayVersion],
      [productName, releaseId, displayVersion],
      id,
    );
  }
});
