import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { describeError, isErrno, WindowboxError } from '../errors/index.js';
import { configurationPath } from '../platform/index.js';

const strings = v.array(v.string());

/** Keys as in Docker's daemon.json where Docker has them; `microsoft-mirrors`, `host`, `ruleset` and `strict` are ours. Unknown keys are errors, as for Docker. */
const schema = v.strictObject({
  'data-root': v.optional(v.string()),
  'exec-root': v.optional(v.string()),
  /** `unix:///path`, `tcp://address:port`. */
  hosts: v.optional(strings),
  /** Group of the socket. */
  group: v.optional(v.string()),
  'exec-opts': v.optional(strings),
  'log-level': v.optional(v.picklist(['debug', 'info', 'warn', 'error'])),
  'log-driver': v.optional(v.picklist(['json-file', 'local', 'none'])),
  'log-opts': v.optional(v.record(v.string(), v.string())),
  'insecure-registries': v.optional(strings),
  'registry-mirrors': v.optional(strings),
  /** Addresses that are asked before Microsoft's registry, as those above before Docker Hub. */
  'microsoft-mirrors': v.optional(strings),
  tls: v.optional(v.boolean()),
  tlsverify: v.optional(v.boolean()),
  tlscacert: v.optional(v.string()),
  tlscert: v.optional(v.string()),
  tlskey: v.optional(v.string()),
  /** TCP addresses of `hosts` without client certificates: whoever reaches the port is root here. */
  'tcp-without-tls': v.optional(v.boolean()),
  labels: v.optional(strings),
  dns: v.optional(strings),
  'dns-search': v.optional(strings),
  /** The Windows that this daemon presents: an id (`windows-10-1909`), or one with edition and Docker Engine version. */
  host: v.optional(
    v.union([
      v.string(),
      v.strictObject({
        profile: v.string(),
        engine: v.optional(v.string()),
        edition: v.optional(v.string()),
        revision: v.optional(v.number()),
      }),
    ]),
  ),
  ruleset: v.optional(v.string()),
  strict: v.optional(v.boolean()),
  /** Path of the OCI runtime; default: `runc` in PATH. */
  runc: v.optional(v.string()),
});

export type DaemonConfig = v.InferOutput<typeof schema>;

/**
 * Reads the daemon's configuration; a missing default file is an empty one.
 *
 * @throws WindowboxError `invalid-argument` that names the bad key, `not-found` when a file that was asked for is missing.
 */
export async function readConfig(env: NodeJS.ProcessEnv = process.env): Promise<DaemonConfig> {
  const path = configurationPath(env);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    if (env['WINDOWBOX_CONFIG'] === undefined) return {};
    throw new WindowboxError('not-found', `Cannot read the configuration "${path}": no such file`);
  }
  return parseConfig(text, path);
}

export function parseConfig(text: string, path: string): DaemonConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new WindowboxError('invalid-argument', `Cannot read the configuration "${path}": ${describeError(cause)}`, {
      cause,
    });
  }
  const result = v.safeParse(
    v.pipe(
      v.unknown(),
      v.check((given) => !Array.isArray(given), 'object'),
      schema,
    ),
    value,
  );
  if (result.success) return result.output;
  const [issue] = result.issues;
  const key = v.getDotPath(issue) ?? 'the file';
  const reason =
    issue.expected === 'never'
      ? 'there is no such key'
      : `${issue.expected ?? 'another value'} expected, ${issue.received} found`;
  throw new WindowboxError('invalid-argument', `Cannot read the configuration "${path}": "${key}": ${reason}`, {
    hint: `Known keys: ${Object.keys(schema.entries).join(', ')}.`,
  });
}
