import { isIP } from 'node:net';
import { isErrno, WindowboxError } from '../../errors/index.js';

/** What a client of Docker reads when a registry is not reached: the words of Go's own network and TLS, which people look for, and what to do. */
export function explainFailure(error: unknown, url: URL): WindowboxError {
  if (error instanceof WindowboxError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const { text, hint } = describe(error, url) ?? { text: reason };
  const message = text === reason ? `Cannot reach "${url.host}": ${reason}` : `Get "${url.origin}/v2/": ${text}`;
  return new WindowboxError('unavailable', message, { cause: error, ...(hint === undefined ? {} : { hint }) });
}

/** Of a certificate or of TLS itself: a later try has the same end. */
export function isTlsRefusal(error: unknown): boolean {
  return /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|HPE_)/u.test(codeOf(error));
}

interface Explained {
  readonly text: string;
  readonly hint?: string;
}

function describe(error: unknown, url: URL): Explained | undefined {
  if (isErrno(error, 'ECONNREFUSED'))
    return {
      text: `dial tcp ${addressOf(error, url)}: connect: connection refused`,
      hint: `Nothing listens at "${url.host}": check the address, and whether the registry runs.`,
    };
  if (isErrno(error, 'ENOTFOUND'))
    return {
      text: `dial tcp: lookup ${url.hostname}: no such host`,
      hint: 'Check the name of the registry, and the name servers of this machine.',
    };
  return url.protocol === 'https:' ? describeTls(error, url) : undefined;
}

function describeTls(error: unknown, url: URL): Explained | undefined {
  // What Docker says when a registry without TLS is not named in "insecure-registries".
  if (/wrong version number|packet length too long/iu.test(error instanceof Error ? error.message : ''))
    return {
      text: 'http: server gave HTTP response to HTTPS client',
      hint: `If this network is to be trusted, name "${url.host}" in "insecure-registries" of daemon.json.`,
    };
  const code = codeOf(error);
  if (/^(?:DEPTH_|SELF_SIGNED|UNABLE_TO)/u.test(code))
    return {
      text: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
      hint: `Put the CA of the registry into "/etc/docker/certs.d/${url.host}/ca.crt", or name it in "insecure-registries" of daemon.json.`,
    };
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return {
      text: 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
      hint: `The registry needs a new certificate; check this machine's clock too: ${new Date().toISOString()}.`,
    };
  if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return undefined;
  return {
    text: `tls: failed to verify certificate: x509: ${describeNames(error, url.hostname)}`,
    hint: 'Use a name that the certificate has, or give the registry one for this name.',
  };
}

function describeNames(error: unknown, host: string): string {
  const names = namesOf(error);
  const addresses = names.filter((name) => isIP(name) !== 0);
  if (isIP(host) !== 0 && addresses.length === 0)
    return `cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  const valid = (isIP(host) === 0 ? names.filter((name) => isIP(name) === 0) : addresses).join(', ');
  return `certificate is ${valid === '' ? 'not valid for any names, but wanted to match' : `valid for ${valid}, not`} ${host}`;
}

/** `DNS:a.example, IP Address:10.0.0.1`, as Node reads them. */
function namesOf(error: unknown): readonly string[] {
  const certificate = error instanceof Error && 'cert' in error ? error.cert : undefined;
  if (typeof certificate !== 'object' || certificate === null || !('subjectaltname' in certificate)) return [];
  return String(certificate.subjectaltname)
    .split(', ')
    .map((name) => name.replace(/^[^:]*:/u, ''));
}

function addressOf(error: unknown, url: URL): string {
  if (!(error instanceof Error && 'address' in error && 'port' in error)) return url.host;
  const address = String(error.address);
  return `${isIP(address) === 6 ? `[${address}]` : address}:${String(error.port)}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
