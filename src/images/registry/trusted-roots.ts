import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { isErrno } from '../../errors/index.js';

/** Certificates that this machine trusts, as Docker does: an administrator's own CA is among the system's, not among Node's. */
export function trustedRoots(): readonly string[] {
  known ??= readFirst([process.env['SSL_CERT_FILE'] ?? '', ...bundles]) ?? rootCertificates;
  return known;
}

function readFirst(paths: readonly string[]): readonly string[] | undefined {
  for (const path of paths) {
    if (path === '') continue;
    try {
      return [readFileSync(path, 'utf8')];
    } catch (error) {
      if (!isErrno(error, 'ENOENT') && !isErrno(error, 'ENOTDIR')) throw error;
    }
  }
  return undefined;
}

let known: readonly string[] | undefined;
/** Where Debian and Alpine, Fedora, and openSUSE keep them. */
const bundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem'];
