import {
  changeStoredLogins,
  type ClientConfig,
  clientConfigFile,
  readClientConfig,
  type StoredLogin,
} from './client-config.js';
import { eraseFromHelper, getFromHelper, listHelper, storeInHelper } from './helper-program.js';
import type { Credentials } from './types.js';

/*
 * A registry is named by its key in Docker's file (its host, or `hubKey`). Each function throws WindowboxError `invalid-argument`
 * for a damaged file, and what the helper's functions throw.
 */

/** The login for a registry, from its helper program or the file. */
export async function findLogin(registry: string, path = clientConfigFile()): Promise<Credentials | undefined> {
  const config = await readClientConfig(path);
  const helper = helperOf(config, registry);
  return helper === '' ? findStored(config, registry) : getFromHelper(helper, registry);
}

/**
 * All of them by registry, for a build, which may pull from several. A helper that fails does not take the others' logins with
 * it: `onFailure` hears of it.
 */
export async function listLogins(
  onFailure: (error: unknown) => void,
  path = clientConfigFile(),
): Promise<Readonly<Record<string, Credentials>>> {
  const config = await readClientConfig(path);
  const orElse = async <T>(asked: Promise<T>, otherwise: T): Promise<T> =>
    asked.catch((error: unknown) => {
      onFailure(error);
      return otherwise;
    });
  const common = config.credsStore === '' ? [] : await orElse(listHelper(config.credsStore), []);
  const registries = new Set([...Object.keys(config.auths), ...Object.keys(config.credHelpers), ...common]);
  const found: Record<string, Credentials> = {};
  for (const registry of registries) {
    const helper = helperOf(config, registry);
    const login =
      helper === '' ? findStored(config, registry) : await orElse(getFromHelper(helper, registry), undefined);
    if (login !== undefined) found[registry] = login;
  }
  return found;
}

/** Keeps a login where the configuration says. The answer tells whether the secret is now in the file, for all to read who may read that. */
export async function keepLogin(
  registry: string,
  login: Credentials,
  path = clientConfigFile(),
): Promise<'in helper' | 'in file'> {
  const helper = helperOf(await readClientConfig(path), registry);
  if (helper !== '') await storeInHelper(helper, registry, login);
  // An entry without a secret, as Docker keeps it: it tells that there is a login.
  const entry = helper === '' ? storedFrom(login) : {};
  await changeStoredLogins(path, (auths) => ({ ...auths, [registry]: entry }));
  return helper === '' ? 'in file' : 'in helper';
}

/** Forgets a login. The answer tells whether there was one. */
export async function forgetLogin(registry: string, path = clientConfigFile()): Promise<boolean> {
  const config = await readClientConfig(path);
  const helper = helperOf(config, registry);
  if (helper !== '') await eraseFromHelper(helper, registry);
  const keys = Object.keys(config.auths).filter((key) => hostOf(key) === hostOf(registry));
  if (keys.length > 0)
    await changeStoredLogins(path, (auths) =>
      Object.fromEntries(Object.entries(auths).filter(([key]) => !keys.includes(key))),
    );
  return helper !== '' || keys.length > 0;
}

function helperOf({ credHelpers, credsStore }: ClientConfig, registry: string): string {
  return Object.hasOwn(credHelpers, registry) ? (credHelpers[registry] ?? '') : credsStore;
}

/** Old clients wrote a whole address as the key. */
function findStored({ auths }: ClientConfig, registry: string): Credentials | undefined {
  const exact = Object.hasOwn(auths, registry) ? auths[registry] : undefined;
  const entry = exact ?? Object.entries(auths).find(([key]) => hostOf(key) === hostOf(registry))?.[1];
  return entry === undefined ? undefined : credentialsFrom(entry);
}

function credentialsFrom(entry: StoredLogin): Credentials | undefined {
  const both = Buffer.from(entry.auth, 'base64').toString('utf8').replace(/\0+$/u, '');
  const colon = both.indexOf(':');
  const credentials = {
    username: colon > 0 ? both.slice(0, colon) : entry.username,
    password: colon > 0 ? both.slice(colon + 1) : entry.password,
    identityToken: entry.identitytoken,
    registryToken: entry.registrytoken,
  };
  return Object.values(credentials).every((value) => value === '') ? undefined : credentials;
}

/** A token that the registry gave stands for the password, which then is not kept. */
function storedFrom({ username, password, identityToken }: Credentials): Readonly<Record<string, string>> {
  const encode = (secret: string): string => Buffer.from(`${username}:${secret}`).toString('base64');
  return identityToken === '' ? { auth: encode(password) } : { auth: encode(''), identitytoken: identityToken };
}

function hostOf(key: string): string {
  return key.replace(/^https?:\/\//iu, '').replace(/\/.*$/su, '');
}
