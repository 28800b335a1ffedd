import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeError, WindowboxError } from '../../errors/index.js';
import { resolvePaths } from '../../platform/index.js';

/** Where the daemon listens. */
export type Endpoint =
  /** `own`: the socket of this machine's Windowbox, so the CLI may start the daemon. */
  | { readonly kind: 'unix'; readonly path: string; readonly own: boolean }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: TlsFiles | undefined };

export interface TlsFiles {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  /** Whether the server's certificate must be one of `ca`'s. */
  readonly verify: boolean;
}

/**
 * The endpoint by precedence: `--host`, `WINDOWBOX_HOST`, the own socket. `DOCKER_HOST` is not read, see decision 0060: it
 * usually names a Linux engine. TLS for tcp: `WINDOWBOX_TLS_VERIFY` and `WINDOWBOX_CERT_PATH`, else Docker's two of the same name.
 *
 * @throws WindowboxError `invalid-argument` for a host that is neither `unix://` nor `tcp://`.
 */
export function resolveEndpoint(flag: string | undefined, env: NodeJS.ProcessEnv = process.env): Endpoint {
  const host = flag ?? env['WINDOWBOX_HOST'] ?? '';
  const ownSocket = resolvePaths(env).socket;
  if (host === '') return { kind: 'unix', path: ownSocket, own: true };
  if (host.startsWith('unix://')) {
    const path = host.slice('unix://'.length);
    return { kind: 'unix', path, own: path === ownSocket };
  }
  const match = /^tcp:\/\/(?<name>\[[0-9a-f:.]+\]|[^:/[\]]+)(?::(?<port>\d+))?\/?$/iu.exec(host)?.groups;
  if (match === undefined)
    throw new WindowboxError('invalid-argument', `unable to parse docker host \`${host}\``, {
      hint: 'A host is unix:///path/to/socket or tcp://name:port.',
    });
  const tls = tlsFiles(env);
  const port = match['port'] === undefined ? (tls === undefined ? 2375 : 2376) : Number(match['port']);
  return { kind: 'tcp', host: (match['name'] ?? '').replace(/^\[|\]$/gu, ''), port, tls };
}

/** As the user would write it. */
export function describeEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix://${endpoint.path}`;
  return `tcp://${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${String(endpoint.port)}`;
}

function tlsFiles(env: NodeJS.ProcessEnv): TlsFiles | undefined {
  const verify = (env['WINDOWBOX_TLS_VERIFY'] ?? env['DOCKER_TLS_VERIFY'] ?? '') !== '';
  const folder = env['WINDOWBOX_CERT_PATH'] ?? env['DOCKER_CERT_PATH'];
  if (!verify && folder === undefined) return undefined;
  const read = (name: string): Buffer => {
    const path = join(folder ?? join(env['HOME'] ?? '/root', '.docker'), name);
    try {
      return readFileSync(path);
    } catch (error) {
      throw new WindowboxError('invalid-argument', `Cannot read TLS file "${path}": ${describeError(error)}`);
    }
  };
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem'), verify };
}
