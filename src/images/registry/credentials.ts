import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { isErrno, WindowboxError } from '../../errors/index.js';
import { parseJson } from '../../oci/index.js';
import { runCommand } from '../../platform/index.js';

/** A login for one registry; empty texts for what there is none of. Never logged. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** A refresh token, which stands for user and password. */
  readonly identityToken: string;
  /** A bearer token that is used as it is. */
  readonly registryToken: string;
}

const text = v.optional(v.string(), '');
const configFile = v.looseObject({
  auths: v.optional(
    v.record(
      v.string(),
      v.looseObject({ auth: text, username: text, password: text, identitytoken: text, registrytoken: text }),
    ),
    {},
  ),
  credHelpers: v.optional(v.record(v.string(), v.string()), {}),
  credsStore: text,
});
const helperAnswer = v.looseObject({ Username: v.string(), Secret: v.string() });

/**
 * The login that the user's Docker configuration has for a registry: its helper program, its store, or the file itself.
 *
 * @param folder - default `$DOCKER_CONFIG`, else `~/.docker`.
 * @throws WindowboxError `invalid-argument` for a damaged file, `unavailable` when a helper cannot be run.
 */
export async function findCredentials(
  domain: string,
  folder = process.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'),
): Promise<Credentials | undefined> {
  const path = join(folder, 'config.json');
  const json = await readOptional(path);
  if (json === undefined) return undefined;
  const config = parseJson(json, configFile, `Cannot read "${path}"`);
  const key = domain === 'docker.io' ? 'https://index.docker.io/v1/' : domain;
  const helper = config.credHelpers[key] ?? config.credHelpers[domain] ?? config.credsStore;
  if (helper !== '') return askHelper(helper, key);
  const entry =
    config.auths[key] ??
    config.auths[`https://${key}`] ??
    config.auths[`http://${key}`] ??
    config.auths[`https://${key}/v2/`];
  if (!entry) return undefined;
  const both = Buffer.from(entry.auth, 'base64').toString('utf8');
  const colon = both.indexOf(':');
  return {
    username: colon > 0 ? both.slice(0, colon) : entry.username,
    password: colon > 0 ? both.slice(colon + 1) : entry.password,
    identityToken: entry.identitytoken,
    registryToken: entry.registrytoken,
  };
}

/** The protocol of docker-credential-helpers: the server on stdin, JSON on stdout; user `<token>` means a refresh token. */
async function askHelper(name: string, server: string): Promise<Credentials | undefined> {
  if (!/^[\w.-]+$/u.test(name))
    throw new WindowboxError('invalid-argument', `Cannot use credential helper "${name}": no plain name`);
  let answer: string;
  try {
    answer = (await runCommand(`docker-credential-${name}`, ['get'], { input: server, timeoutMs: 30_000 })).stdout;
  } catch (error) {
    if (error instanceof WindowboxError && /credentials not found/u.test(error.message)) return undefined;
    throw new WindowboxError(
      'unavailable',
      `Cannot get credentials for "${server}": docker-credential-${name} failed`,
      {
        cause: error,
      },
    );
  }
  const { Username: username, Secret: secret } = parseJson(
    answer,
    helperAnswer,
    `Cannot read docker-credential-${name}`,
  );
  const isToken = username === '<token>';
  return {
    username: isToken ? '' : username,
    password: isToken ? '' : secret,
    identityToken: isToken ? secret : '',
    registryToken: '',
  };
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
