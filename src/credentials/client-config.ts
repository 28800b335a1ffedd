import { mkdir, readFile, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { describeError, isErrno, WindowboxError } from '../errors/index.js';
import { parseJson } from '../oci/index.js';
import { atomicWrite } from '../platform/index.js';

const text = v.optional(v.string(), '');
const entry = v.looseObject({
  auth: text,
  username: text,
  password: text,
  identitytoken: text,
  registrytoken: text,
});
const configFile = v.looseObject({
  // Docker writes null for a map that is empty.
  auths: v.nullish(v.record(v.string(), entry), {}),
  credHelpers: v.nullish(v.record(v.string(), v.string()), {}),
  credsStore: text,
});

/** What of Docker's client configuration is about logins. */
export interface ClientConfig {
  readonly auths: Readonly<Record<string, StoredLogin>>;
  /** Helper by registry; an empty name means the file. */
  readonly credHelpers: Readonly<Record<string, string>>;
  /** Helper of all other registries; empty: the file. */
  readonly credsStore: string;
}

export type StoredLogin = v.InferOutput<typeof entry>;

/** `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`. */
export function clientConfigFile(env: NodeJS.ProcessEnv = process.env): string {
  const folder = env['DOCKER_CONFIG'] ?? '';
  return join(folder === '' ? join(env['HOME'] ?? homedir(), '.docker') : folder, 'config.json');
}

/**
 * A file that is not there is an empty one.
 *
 * @throws WindowboxError `invalid-argument` for one that cannot be read or is damaged.
 */
export async function readClientConfig(path: string): Promise<ClientConfig> {
  const { auths, credHelpers, credsStore } = parseConfig(path, await readText(path));
  return { auths: auths ?? {}, credHelpers: credHelpers ?? {}, credsStore };
}

/**
 * Changes the logins and leaves every other setting as it is. Only its owner can read the file then. Where it is a link, what it
 * leads to is changed.
 *
 * @throws WindowboxError `invalid-argument` for a file that cannot be read or is damaged: it stays as it is.
 */
export async function changeStoredLogins(
  path: string,
  change: (auths: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Promise<void> {
  const content = await readText(path);
  parseConfig(path, content);
  const config: { readonly auths?: Readonly<Record<string, unknown>> | null } = JSON.parse(content);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const target = await realpath(path).catch(() => path);
  await atomicWrite(target, `${JSON.stringify({ ...config, auths: change(config.auths ?? {}) }, undefined, '\t')}\n`);
}

async function readText(path: string): Promise<string> {
  try {
    const content = await readFile(path, 'utf8');
    return content.trim() === '' ? '{}' : content;
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return '{}';
    throw new WindowboxError('invalid-argument', `Cannot read "${path}": ${describeError(cause)}`, { cause, hint });
  }
}

function parseConfig(path: string, content: string): v.InferOutput<typeof configFile> {
  try {
    return parseJson(content, configFile, `Cannot read "${path}"`);
  } catch (cause) {
    throw new WindowboxError('invalid-argument', describeError(cause), { cause, hint });
  }
}

const hint = 'It is the configuration of Docker’s client, which holds the logins. Mend it or move it away.';
