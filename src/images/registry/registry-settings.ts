import { readdir, readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { isErrno, WindowboxError } from '../../errors/index.js';
import type { TlsSettings } from './send-request.js';

/** Which registries are spoken to, and how: Docker's `daemon.json` words. */
export interface RegistrySettings {
  /** Hosts (`registry:5000`) or networks (`10.0.0.0/8`) that may speak plain HTTP or have any certificate. This machine always may. */
  readonly insecureRegistries?: readonly string[];
  /** Base addresses that are asked before Docker Hub. */
  readonly mirrors?: readonly string[];
  /** Base addresses that are asked before Microsoft's registry: where that cannot be reached, a copy of its bases serves a push as well. */
  readonly microsoftMirrors?: readonly string[];
  /** Folders with `HOST/*.crt`, `*.cert` and `*.key`; default Docker's own and ours. */
  readonly certificateFolders?: readonly string[];
}

/** An address under which a registry answers. */
export interface Endpoint {
  readonly url: URL;
  readonly tls: TlsSettings;
  /** Another server that may have the images of the registry: it gets no login of the registry's, and may lack anything. */
  readonly isMirror?: boolean;
}

/** Addresses to try for a registry, in order: mirrors, TLS, and plain HTTP only where it is allowed. */
export async function endpointsOf(domain: string, settings: RegistrySettings): Promise<readonly Endpoint[]> {
  const host = domain === 'docker.io' ? 'registry-1.docker.io' : domain;
  const tls = await tlsOf(domain, host, settings);
  const mirrors: Endpoint[] = [];
  for (const text of mirrorsOf(domain, settings)) {
    const url = new URL(text);
    mirrors.push({ url, tls: await tlsOf(url.host, url.host, settings), isMirror: true });
  }
  const own = [`https://${host}`, ...(tls.insecure === true ? [`http://${host}`] : [])];
  return [...mirrors, ...own.map((url) => ({ url: new URL(url), tls }))];
}

function mirrorsOf(domain: string, { mirrors = [], microsoftMirrors = [] }: RegistrySettings): readonly string[] {
  if (domain === 'docker.io') return mirrors;
  return domain === 'mcr.microsoft.com' ? microsoftMirrors : [];
}

/** Without mirrors, which are for pulls alone. */
export function withoutMirrors(settings: RegistrySettings): RegistrySettings {
  return { ...settings, mirrors: [], microsoftMirrors: [] };
}

async function tlsOf(folder: string, host: string, settings: RegistrySettings): Promise<TlsSettings> {
  const insecure = isInsecure(host, settings.insecureRegistries ?? []);
  return { ...(await readCertificates(folder, settings)), ...(insecure ? { insecure: true } : {}) };
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

/** As Docker: every `*.crt` is a CA, a `*.cert` with its `*.key` is what we show of ourselves. */
async function readCertificates(domain: string, settings: RegistrySettings): Promise<TlsSettings> {
  for (const top of settings.certificateFolders ?? ['/etc/windowbox/certs.d', '/etc/docker/certs.d']) {
    const folder = join(top, domain);
    const names = await readNames(folder);
    const authorities = names.filter((name) => name.endsWith('.crt'));
    const client = names.find((name) => name.endsWith('.cert'));
    if (authorities.length === 0 && client === undefined) continue;
    const ca = await Promise.all(authorities.map(async (name) => readFile(join(folder, name), 'utf8')));
    return {
      ...(ca.length === 0 ? {} : { ca: ca.join('\n') }),
      ...(client === undefined ? {} : await readClient(folder, client, names)),
    };
  }
  return {};
}

async function readClient(
  folder: string,
  certificate: string,
  names: readonly string[],
): Promise<{ readonly cert: string; readonly key: string }> {
  const key = certificate.replace(/\.cert$/u, '.key');
  if (!names.includes(key))
    throw new WindowboxError(
      'invalid-argument',
      `missing key ${key} for client certificate ${certificate}. CA certificates must use the extension .crt`,
      { hint: `Both are looked for in "${folder}".` },
    );
  return { cert: await readFile(join(folder, certificate), 'utf8'), key: await readFile(join(folder, key), 'utf8') };
}

async function readNames(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return [];
    throw error;
  }
}
