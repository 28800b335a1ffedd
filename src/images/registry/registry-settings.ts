import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { isErrno } from '../../errors/index.js';
import type { TlsSettings } from './send-request.js';

/** Which registries are spoken to, and how: Docker's `daemon.json` words. */
export interface RegistrySettings {
  /** Hosts (`registry:5000`) or networks (`10.0.0.0/8`) that may speak plain HTTP or have any certificate. This machine always may. */
  readonly insecureRegistries?: readonly string[];
  /** Base addresses that are asked before Docker Hub. */
  readonly mirrors?: readonly string[];
  /** Folders with `HOST/ca.crt`, `client.cert` and `client.key`; default Docker's own and ours. */
  readonly certificateFolders?: readonly string[];
}

/** An address under which a registry answers. */
export interface Endpoint {
  readonly url: URL;
  readonly tls: TlsSettings;
}

/** Addresses to try for a registry, in order: mirrors, TLS, and plain HTTP only where it is allowed. */
export async function endpointsOf(domain: string, settings: RegistrySettings): Promise<readonly Endpoint[]> {
  const host = domain === 'docker.io' ? 'registry-1.docker.io' : domain;
  const insecure = isInsecure(host, settings.insecureRegistries ?? []);
  const tls = { ...(await readCertificates(domain, settings)), ...(insecure ? { insecure: true } : {}) };
  const mirrors = domain === 'docker.io' ? (settings.mirrors ?? []).map((url) => ({ url: new URL(url), tls })) : [];
  const own = [`https://${host}`, ...(insecure ? [`http://${host}`] : [])].map((url) => ({ url: new URL(url), tls }));
  return [...mirrors, ...own];
}

function isInsecure(domain: string, allowed: readonly string[]): boolean {
  const host = domain.replace(/:\d+$/u, '');
  if (host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))) return true;
  return allowed.some((entry) => entry === domain || entry === host || isInNetwork(host, entry));
}

function isInNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  if (!isIPv4(host) || !isIPv4(address) || !/^\d{1,2}$/u.test(bits)) return false;
  const shift = 2 ** (32 - Number(bits));
  return Math.floor(toNumber(host) / shift) === Math.floor(toNumber(address) / shift);
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

async function readCertificates(domain: string, settings: RegistrySettings): Promise<TlsSettings> {
  for (const folder of settings.certificateFolders ?? ['/etc/windowbox/certs.d', '/etc/docker/certs.d']) {
    const read = async (name: string): Promise<string | undefined> => readOptional(join(folder, domain, name));
    const [ca, cert, key] = [await read('ca.crt'), await read('client.cert'), await read('client.key')];
    if (ca === undefined && cert === undefined) continue;
    return { ...(ca === undefined ? {} : { ca }), ...(cert === undefined || key === undefined ? {} : { cert, key }) };
  }
  return {};
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}
