import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainFailure } from './explain-failure.js';

const rows: readonly (readonly [
  what: string,
  error: Record<string, unknown>,
  url: string,
  message: string,
  hint: RegExp,
])[] = [
  [
    'nothing listens',
    { code: 'ECONNREFUSED', address: '::1', port: 5000 },
    'http://localhost:5000/v2/app/manifests/1',
    'Get "http://localhost:5000/v2/": dial tcp [::1]:5000: connect: connection refused',
    /whether the registry runs/u,
  ],
  [
    'an unknown name',
    { code: 'ENOTFOUND' },
    'https://registry.invalid/v2/',
    'Get "https://registry.invalid/v2/": dial tcp: lookup registry.invalid: no such host',
    /Check the name/u,
  ],
  [
    'an unknown CA',
    { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    'https://10.0.0.2:5000/v2/',
    'Get "https://10.0.0.2:5000/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    /certs\.d\/10\.0\.0\.2:5000\/ca\.crt/u,
  ],
  [
    'a certificate for other names',
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', cert: { subjectaltname: 'DNS:a.example, IP Address:10.0.0.1' } },
    'https://b.example/v2/',
    'Get "https://b.example/v2/": tls: failed to verify certificate: x509: certificate is valid for a.example, not b.example',
    /a name that the certificate has/u,
  ],
  [
    'a certificate for another address',
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', cert: { subjectaltname: 'DNS:a.example, IP Address:10.0.0.1' } },
    'https://10.0.0.2/v2/',
    'Get "https://10.0.0.2/v2/": tls: failed to verify certificate: x509: certificate is valid for 10.0.0.1, not 10.0.0.2',
    /a name that the certificate has/u,
  ],
  [
    'a certificate without addresses',
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID', cert: { subjectaltname: 'DNS:a.example' } },
    'https://10.0.0.2/v2/',
    `Get "https://10.0.0.2/v2/": tls: failed to verify certificate: x509: cannot validate certificate for 10.0.0.2 because it doesn't contain any IP SANs`,
    /a name that the certificate has/u,
  ],
  [
    'an old certificate',
    { code: 'CERT_HAS_EXPIRED' },
    'https://a.example/v2/',
    'Get "https://a.example/v2/": tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
    /new certificate/u,
  ],
];

for (const [what, fields, url, message, hint] of rows)
  test(`${what} is told in the words of Docker, with what to do`, () => {
    const error = explainFailure(Object.assign(new Error('as Node says it'), fields), new URL(url));
    assert.equal(error.message, message);
    assert.match(error.hint ?? '', hint);
  });

test('what Docker has no words for is told as Node tells it', () => {
  const error = explainFailure(new Error('socket hang up'), new URL('https://a.example/v2/'));
  assert.equal(error.message, 'Cannot reach "a.example": socket hang up');
});
