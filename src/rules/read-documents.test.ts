import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WindowboxError } from '../errors/index.js';
import { hostProfile } from './host-profile.js';
import { hostOfAnnotations, hostOfConfiguration } from './host-setting.js';
import { chooseFromIndex, readHostDocument, readImageDocument } from './read-documents.js';
import { readImage } from './read-image.js';

const platform = (build: string, os = 'windows'): unknown => ({
  platform: { os, architecture: 'amd64', 'os.version': build },
});

test('an image is read from docker image inspect, a config, an index, and docker manifest inspect --verbose', () => {
  const versions = (value: unknown): unknown =>
    readImageDocument(value, 'x').map(({ label, images, index }) => [
      label,
      index,
      images.map(({ osVersion }) => osVersion?.build),
    ]);
  assert.deepEqual(versions([{ RepoTags: ['app:1'], Os: 'windows', OsVersion: '10.0.17763.1039' }]), [
    ['app:1', false, [17763]],
  ]);
  assert.deepEqual(versions({ os: 'windows', 'os.version': '10.0.20348.1', config: {} }), [['x', false, [20348]]]);
  assert.deepEqual(versions({ os: 'windows', config: {} }), [['x', false, [undefined]]]);
  assert.deepEqual(
    versions({ manifests: [platform('10.0.26100.1'), platform('1', 'linux'), platform('10.0.20348.1')] }),
    [['x', true, [26100, 20348]]],
  );
  assert.deepEqual(versions([{ Ref: 'r.io/a:1@sha256:0', Descriptor: platform('10.0.17763.1') }]), [
    ['r.io/a:1', true, [17763]],
  ]);
});

test('a document without a Windows image is refused, whatever it is', () => {
  for (const value of [{}, [{}], { Os: 'linux' }, { manifests: [platform('1', 'linux')] }, 'text', 1, null])
    assert.throws(() => readImageDocument(value, 'x'), { code: 'invalid-argument' }, JSON.stringify(value));
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      try {
        readImageDocument(value, 'x');
      } catch (error) {
        assert.ok(error instanceof WindowboxError);
      }
    }),
  );
});

test('of an index a host takes its own build first, then the first that is not newer, as Docker does', () => {
  const [index] = readImageDocument(
    { manifests: ['10.0.14393.1', '10.0.17763.1', '10.0.20348.1'].map((build) => platform(build)) },
    'x',
  );
  const chosen = (host: string): unknown => chooseFromIndex(hostProfile(host), index?.images ?? [])?.osVersion?.build;
  assert.deepEqual(['ws2016', 'ws2019', 'ws2022', 'ws2025'].map(chosen), [14393, 17763, 20348, 14393]);
  assert.equal(chooseFromIndex(hostProfile('ws2019'), [readImage('ltsc2022')]), undefined);
});

test('hosts are read from docker info, from kubectl get nodes, and from a list of names', () => {
  const info = {
    Name: 'ci-1',
    OSType: 'windows',
    OSVersion: '10.0.20348',
    OperatingSystem: 'Microsoft Windows Server Version 21H2 (OS Build 20348.707)',
    ServerVersion: '24.0.2',
  };
  const [host] = readHostDocument(JSON.stringify(info));
  assert.deepEqual(
    [host?.id, host?.kind, host?.build, host?.revision, host?.engine],
    ['ci-1', 'server', 20348, 707, '24.0.2'],
  );
  const client = {
    Name: 'pc',
    OSType: 'windows',
    OSVersion: '10.0.19045',
    OperatingSystem: 'Microsoft Windows Version 22H2 (OS Build 19045.1)',
  };
  assert.deepEqual(
    readHostDocument(`${JSON.stringify(info)}\n${JSON.stringify(client)}`).map(({ kind }) => kind),
    ['server', 'client'],
  );
  const node = (name: string, labels: unknown, nodeInfo: unknown): unknown => ({
    metadata: { name, labels },
    status: { nodeInfo },
  });
  const nodes = {
    items: [
      node(
        'win-1',
        { 'node.kubernetes.io/windows-build': '10.0.17763' },
        { operatingSystem: 'windows', kernelVersion: '10.0.17763.3887', osImage: 'Windows Server 2019 Datacenter' },
      ),
      node('lin-1', {}, { operatingSystem: 'linux', kernelVersion: '6.1.0' }),
    ],
  };
  assert.deepEqual(
    readHostDocument(JSON.stringify(nodes)).map(({ id, build, revision }) => [id, build, revision]),
    [['win-1', 17763, 3887]],
  );
  assert.deepEqual(
    readHostDocument('# fleet\nws2022\n\nwindows-10-1909 # old\n').map(({ id }) => id),
    ['windows-server-2022', 'windows-10-1909'],
  );
  for (const text of ['', '{}', '{"OSType":"linux"}', '[', '{"items":[]}'])
    assert.throws(() => readHostDocument(text), { name: 'WindowboxError' }, text);
});

test('an image is read from a reference, a tag, a version, and a tag that names its base', () => {
  const rows: readonly (readonly [string, number, string | undefined])[] = [
    ['mcr.microsoft.com/windows/servercore:ltsc2019', 17763, 'servercore'],
    ['ltsc2019', 17763, undefined],
    ['20h2', 19042, undefined],
    ['10.0.17763.1039', 17763, undefined],
    ['17763', 17763, undefined],
    ['golang:1.22-nanoserver-1809', 17763, 'nanoserver'],
    ['golang:1.22-windowsservercore-ltsc2022', 20348, 'servercore'],
    ['mcr.microsoft.com/dotnet/runtime:8.0-nanoserver-ltsc2022', 20348, 'nanoserver'],
    ['app:1809', 17763, undefined],
  ];
  for (const [words, build, product] of rows)
    assert.deepEqual([readImage(words).osVersion?.build, readImage(words).product], [build, product], words);
  for (const words of ['ubuntu', 'app:1.2.3', 'app:latest'])
    assert.throws(() => readImage(words), { code: 'not-found', hint: /docker image inspect/u }, words);
});

test('the configuration and a container’s annotations choose the host', () => {
  assert.equal(hostOfConfiguration({}).id, 'windows-server-2025');
  assert.equal(hostOfConfiguration({ host: 'windows-10-1909' }).id, 'windows-10-1909');
  const host = hostOfConfiguration({
    host: { profile: 'windows-10-1909', engine: '18.09.0', edition: 'enterprise', revision: 476 },
  });
  assert.deepEqual([host.engine, host.edition, host.revision], ['18.09.0', 'Enterprise', 476]);
  for (const value of [1, [], {}, { profile: 'ws2022', revision: 'x' }])
    assert.throws(() => hostOfConfiguration({ host: value }), { code: 'invalid-argument' });
  assert.equal(hostOfAnnotations(host, {}), host);
  assert.equal(hostOfAnnotations(host, { 'windowbox.host': 'ws2022' }).id, 'windows-server-2022');
  assert.equal(hostOfAnnotations(host, { 'windowbox.engine': '18.09.1' }).engine, '18.09.1');
  const other = hostOfAnnotations(host, { 'windowbox.engine': '18.09.1' });
  assert.deepEqual([other.edition, other.revision], ['Enterprise', 476], 'what the annotations do not name stays');
});
