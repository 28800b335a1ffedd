import { readFileSync } from 'node:fs';
import { describeError, isErrno, WindowboxError } from '../../errors/index.js';
import type { Client } from '../connection/client.js';

/**
 * Hands the secrets of `--secret` over to the daemon, which keeps them in memory for the next build. Answers what `POST /build` takes
 * them by; undefined for none.
 *
 * @throws WindowboxError `invalid-argument`, `not-found` in the words of Docker's CLI.
 */
export async function sendSecrets(client: Client, specs: readonly string[]): Promise<string | undefined> {
  if (specs.length === 0) return undefined;
  const secrets = Object.fromEntries(specs.map((spec) => readSecret(spec, process.env)));
  const { Id } = await client.json<{ Id: string }>({
    method: 'POST',
    path: '/build/secrets',
    body: { Secrets: secrets },
  });
  return Id;
}

/** `id=ID,src=FILE` or `id=ID,env=NAME`; with the id alone the variable of that name, else the file. Answers id and value in base64. */
export function readSecret(spec: string, env: NodeJS.ProcessEnv): readonly [id: string, value: string] {
  const fields = new Map(spec.split(',').map((field) => splitField(field, spec)));
  for (const key of fields.keys())
    if (!['id', 'src', 'source', 'env', 'type'].includes(key))
      throw new WindowboxError('invalid-argument', `unexpected key '${key}' in '${spec}'`);
  const type = fields.get('type') ?? '';
  if (!['', 'file', 'env'].includes(type))
    throw new WindowboxError('invalid-argument', `unsupported secret type ${JSON.stringify(type)}`);
  const id = fields.get('id') ?? '';
  if (id === '') throw new WindowboxError('invalid-argument', `secret missing required id: '${spec}'`);
  const source = fields.get('src') ?? fields.get('source');
  const name = fields.get('env') ?? (type === 'env' ? (source ?? id) : undefined);
  if (name !== undefined) return [id, variable(name, env)];
  if (source === undefined && type === '' && env[id] !== undefined) return [id, variable(id, env)];
  return [id, fileContent(source ?? id, id)];
}

function splitField(field: string, spec: string): readonly [string, string] {
  const at = field.indexOf('=');
  if (at < 0)
    throw new WindowboxError('invalid-argument', `invalid field '${field}' must be a key=value pair in '${spec}'`);
  return [field.slice(0, at).trim().toLowerCase(), field.slice(at + 1)];
}

function variable(name: string, env: NodeJS.ProcessEnv): string {
  const value = env[name];
  if (value === undefined)
    throw new WindowboxError('not-found', `failed to read secret: environment variable ${name} is not set`);
  return Buffer.from(value).toString('base64');
}

function fileContent(path: string, id: string): string {
  try {
    const content = readFileSync(path);
    if (content.length > 500 * 1024)
      throw new WindowboxError('invalid-argument', `secret ${id} too big. max size 500KB`);
    return content.toString('base64');
  } catch (error) {
    if (error instanceof WindowboxError) throw error;
    const reason = isErrno(error, 'ENOENT') ? 'no such file or directory' : describeError(error);
    throw new WindowboxError('not-found', `failed to stat ${path}: ${reason}`, { cause: error });
  }
}
