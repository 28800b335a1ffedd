import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { clientConfigFile } from '../../credentials/index.js';

/**
 * Names a context for the daemon, which remembers digests of its files under this name. A secret of this user is in it, the same that Docker's client
 * keeps for this: who cannot guess the name cannot put another file's digest there. Empty where there is no place to keep the secret.
 *
 * @param parts What makes it another context: the folder, and what is left out of it.
 */
export function contextKey(parts: readonly string[]): string {
  const secret = ownSecret(join(dirname(clientConfigFile()), '.buildNodeID'));
  if (secret === '') return '';
  return createHash('sha256')
    .update(JSON.stringify([secret, hostname(), ...parts]))
    .digest('hex');
}

function ownSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // The first build of this user.
  }
  try {
    const secret = randomBytes(32).toString('hex');
    // A folder that somebody named and that is not there is left so.
    if ((process.env['DOCKER_CONFIG'] ?? '') === '') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, secret, { flag: 'wx', mode: 0o600 });
    return secret;
  } catch {
    return '';
  }
}
