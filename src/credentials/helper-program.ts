import * as v from 'valibot';
import { describeError, WindowboxError } from '../errors/index.js';
import { parseJson } from '../oci/index.js';
import { type RunResult, tryCommand } from '../platform/index.js';
import type { Credentials } from './types.js';

/*
 * The protocol of docker-credential-helpers: the program `docker-credential-NAME` gets one word (get, store, erase, list), its
 * input on stdin, and answers on stdout; what went wrong it says on stdout too, with exit code 1. The user `<token>` means that
 * the secret is a refresh token.
 */

const tokenUser = '<token>';
const helperAnswer = v.looseObject({ Username: v.string(), Secret: v.string() });
const helperList = v.record(v.string(), v.string());
/** A helper may ask its user to unlock a key chain. */
const timeoutMs = 60_000;

/** @throws WindowboxError `unavailable` when the helper cannot be run or fails, `invalid-argument` for an answer of another shape. */
export async function getFromHelper(name: string, registry: string): Promise<Credentials | undefined> {
  const result = await runHelper(name, 'get', registry);
  if (result.exitCode !== 0) {
    if (result.stdout.includes('credentials not found')) return undefined;
    throw failed(name, 'getting', result);
  }
  const answer = parseJson(result.stdout, helperAnswer, `Cannot read the answer of ${programOf(name)}`);
  const isToken = answer.Username === tokenUser;
  return {
    username: isToken ? '' : answer.Username,
    password: isToken ? '' : answer.Secret,
    identityToken: isToken ? answer.Secret : '',
    registryToken: '',
  };
}

/** @throws WindowboxError `unavailable` when the helper cannot be run or fails. */
export async function storeInHelper(name: string, registry: string, credentials: Credentials): Promise<void> {
  const { username, password, identityToken } = credentials;
  const [Username, Secret] = identityToken === '' ? [username, password] : [tokenUser, identityToken];
  const result = await runHelper(name, 'store', JSON.stringify({ ServerURL: registry, Username, Secret }));
  if (result.exitCode !== 0) throw failed(name, 'storing', result);
}

/** One that it does not have is no failure. @throws WindowboxError `unavailable` when the helper cannot be run or fails. */
export async function eraseFromHelper(name: string, registry: string): Promise<void> {
  const result = await runHelper(name, 'erase', registry);
  if (result.exitCode !== 0 && !result.stdout.includes('credentials not found')) throw failed(name, 'erasing', result);
}

/** The registries that the helper has logins for. @throws WindowboxError as {@link getFromHelper}. */
export async function listHelper(name: string): Promise<readonly string[]> {
  const result = await runHelper(name, 'list', '');
  if (result.exitCode !== 0) throw failed(name, 'listing', result);
  return Object.keys(parseJson(result.stdout, helperList, `Cannot read the answer of ${programOf(name)}`));
}

async function runHelper(name: string, action: string, input: string): Promise<RunResult> {
  if (!/^[\w.-]+$/u.test(name))
    throw new WindowboxError('invalid-argument', `Cannot use credential helper "${name}": no plain name`);
  try {
    return await tryCommand(programOf(name), [action], { input, timeoutMs });
  } catch (cause) {
    throw new WindowboxError('unavailable', `Cannot ask ${programOf(name)} for credentials: ${describeError(cause)}`, {
      cause,
      hint: 'It is named in Docker’s client configuration, config.json, as "credsStore" or in "credHelpers". Install it or take its name out.',
    });
  }
}

/** In Docker's words. */
function failed(name: string, act: string, { exitCode, stdout, stderr }: RunResult): WindowboxError {
  const said = (stdout.trim() || stderr.trim()).slice(0, 300);
  return new WindowboxError(
    'unavailable',
    `error ${act} credentials - err: ${programOf(name)}: exit status ${String(exitCode)}, out: \`${said}\``,
  );
}

function programOf(name: string): string {
  return `docker-credential-${name}`;
}
