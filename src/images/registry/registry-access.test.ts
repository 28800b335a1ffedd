import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseChallenge } from './authorize.js';
import { endpointsOf } from './registry-settings.js';

const folder = mkdtempSync(join(tmpdir(), 'windowbox-access-'));
after(() => {
  rmSync(folder, { recursive: true });
});

test('a challenge is read with its parameters, quoted or not, and bearer wins', () => {
  assert.deepEqual(parseChallenge('Bearer realm="https://a/token?x=1,2",service=reg,scope="a b"'), {
    scheme: 'bearer',
    parameters: { realm: 'https://a/token?x=1,2', service: 'reg', scope: 'a b' },
  });
  assert.equal(parseChallenge('Basic realm="x", Bearer realm="https://a"')?.scheme, 'bearer');
  assert.equal(parseChallenge('basic realm="x"')?.scheme, 'basic');
  assert.equal(parseChallenge(undefined), undefined);
  assert.equal(parseChallenge('Negotiate'), undefined);
});

test('a challenge made to keep us busy is read at once', () => {
  const start = performance.now();
  parseChallenge(`Bearer ${'a="b", '.repeat(2000)}${'"'.repeat(2000)}`);
  assert.ok(performance.now() - start < 1000);
});

const endpoints: readonly [string, readonly string[], readonly string[]][] = [
  ['example.com', [], ['https://example.com/']],
  ['example.com:5000', ['example.com:5000'], ['https://example.com:5000/', 'http://example.com:5000/']],
  ['10.1.2.3', ['10.0.0.0/8'], ['https://10.1.2.3/', 'http://10.1.2.3/']],
  ['11.1.2.3', ['10.0.0.0/8'], ['https://11.1.2.3/']],
  ['localhost:5000', [], ['https://localhost:5000/', 'http://localhost:5000/']],
  ['127.0.0.1', [], ['https://127.0.0.1/', 'http://127.0.0.1/']],
  ['127.evil.com', [], ['https://127.evil.com/']],
  ['docker.io', [], ['https://mirror.example/', 'https://registry-1.docker.io/']],
  ['mcr.microsoft.com', [], ['https://copy.example/', 'https://mcr.microsoft.com/']],
];
for (const [domain, insecureRegistries, expected] of endpoints)
  test(`${domain} is asked at ${expected.join(', then ')}`, async () => {
    const settings = {
      insecureRegistries,
      mirrors: ['https://mirror.example'],
      microsoftMirrors: ['https://copy.example'],
      certificateFolders: [],
    };
    assert.deepEqual(
      (await endpointsOf(domain, settings)).map(({ url }) => url.href),
      expected,
    );
  });

test("a registry's own CA is read from its folder", async () => {
  mkdirSync(join(folder, 'certs/reg:5000'), { recursive: true });
  writeFileSync(join(folder, 'certs/reg:5000/ca.crt'), 'PEM');
  const [endpoint] = await endpointsOf('reg:5000', {
    certificateFolders: [join(folder, 'none'), join(folder, 'certs')],
  });
  assert.deepEqual(endpoint?.tls, { ca: 'PEM' });
});
