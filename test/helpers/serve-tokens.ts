import { createSign, randomUUID, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../src/platform/index.js';
import { listenLocally, type LocalServer } from './listen-locally.js';
import type { RegistryOptions } from './start-registry.js';

/** `pull` and `push` of a repository, by user; of the user `''`, who gave no login. */
export type Rights = (user: string, repository: string) => readonly string[];

export interface TokenServer extends LocalServer {
  /** As a registry's configuration has it. */
  readonly auth: NonNullable<RegistryOptions['token']>;
  /** Each question: the user, and the scopes in order. */
  readonly asked: { readonly user: string; readonly scopes: readonly string[] }[];
  /** Seconds until the registry refuses a token from now on; default 300. */
  lifetime: number;
  /** What the answer says of it; undefined: nothing. */
  told: number | undefined;
}

/** A token server as the token specification of distribution has it, whose tokens (RS256, `x5c`) a registry checks. The user is `user`, with `secret`. */
export async function serveTokens(rights: Rights): Promise<TokenServer> {
  const folder = mkdtempSync(join(tmpdir(), 'windowbox-tokens-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=tokens'];
  await runCommand('openssl', [...words, '-keyout', key, '-out', certificate], { timeoutMs: 30_000 });
  const signer: Signer = {
    key: readFileSync(key, 'utf8'),
    chain: [new X509Certificate(readFileSync(certificate)).raw.toString('base64')],
  };
  const server = await listenLocally((request, response) => {
    answer({ request, response, signer, rights, state });
  });
  const { host } = server;
  const auth = { realm: `http://${host}/token`, service: 'test', issuer: 'tokens', rootcertbundle: certificate };
  const state: TokenServer = {
    auth,
    host,
    asked: [],
    lifetime: 300,
    told: undefined,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
  return state;
}

interface Signer {
  readonly key: string;
  readonly chain: readonly string[];
}

interface Question {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly signer: Signer;
  readonly rights: Rights;
  readonly state: TokenServer;
}

function answer({ request, response, signer, rights, state }: Question): void {
  request.resume();
  const { authorization = '' } = request.headers;
  const query = new URL(request.url ?? '', 'http://tokens').searchParams;
  const isKnown = authorization === `Basic ${Buffer.from('user:secret').toString('base64')}`;
  if (authorization !== '' && !isKnown) {
    response.writeHead(401).end(JSON.stringify({ details: 'incorrect username or password' }));
    return;
  }
  const user = isKnown ? 'user' : '';
  const scopes = query.getAll('scope');
  state.asked.push({ user, scopes });
  const access = scopes.map((scope) => {
    const [type = '', name = '', actions = ''] = scope.split(':');
    return { type, name, actions: actions.split(',').filter((action) => rights(user, name).includes(action)) };
  });
  const token = sign(signer, { access, user, lifetime: state.lifetime });
  const expiry = state.told === undefined ? {} : { expires_in: state.told };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token, ...expiry }));
}

function sign({ key, chain }: Signer, { access, user, lifetime }: { access: object; user: string; lifetime: number }) {
  const now = Date.now() / 1000;
  const header = { typ: 'JWT', alg: 'RS256', x5c: chain };
  const claims = {
    iss: 'tokens',
    sub: user,
    aud: 'test',
    // A registry takes a token for a minute more, since clocks differ.
    exp: Math.floor(now + lifetime - 60),
    nbf: Math.floor(now - 60),
    iat: Math.floor(now - 60),
    jti: randomUUID(),
    access,
  };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
}
