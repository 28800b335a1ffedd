import * as v from 'valibot';
import { WindowboxError } from '../errors/index.js';

const maybe = <S extends v.GenericSchema>(schema: S) => v.exactOptional(v.nullable(schema));
const strings = v.array(v.string());
const set = v.record(v.string(), v.unknown());

const healthcheck = v.looseObject({
  Test: maybe(strings),
  Interval: maybe(v.number()),
  Timeout: maybe(v.number()),
  StartPeriod: maybe(v.number()),
  StartInterval: maybe(v.number()),
  Retries: maybe(v.number()),
});

const processConfig = v.looseObject({
  User: maybe(v.string()),
  ExposedPorts: maybe(set),
  Env: maybe(strings),
  Entrypoint: maybe(strings),
  Cmd: maybe(strings),
  Volumes: maybe(set),
  WorkingDir: maybe(v.string()),
  Labels: maybe(v.record(v.string(), v.string())),
  StopSignal: maybe(v.string()),
  ArgsEscaped: maybe(v.boolean()),
  Healthcheck: maybe(healthcheck),
  OnBuild: maybe(strings),
  Shell: maybe(strings),
});

const historyEntry = v.looseObject({
  created: maybe(v.string()),
  created_by: maybe(v.string()),
  author: maybe(v.string()),
  comment: maybe(v.string()),
  empty_layer: maybe(v.boolean()),
});

const imageConfig = v.looseObject({
  created: maybe(v.string()),
  author: maybe(v.string()),
  architecture: v.string(),
  os: v.string(),
  'os.version': maybe(v.string()),
  'os.features': maybe(strings),
  variant: maybe(v.string()),
  config: maybe(processConfig),
  rootfs: v.looseObject({ type: v.literal('layers'), diff_ids: strings }),
  history: maybe(v.array(historyEntry)),
});

/**
 * An image's config as OCI and Docker write it. Fields that we do not know are kept, so that a config derived from another loses
 * nothing. Docker writes `null` where OCI leaves out; both mean absent.
 */
export type ImageConfig = v.InferOutput<typeof imageConfig>;
/** How the image wants its program started: the `config` of an {@link ImageConfig}. */
export type ImageProcessConfig = v.InferOutput<typeof processConfig>;
export type ImageHealthcheck = v.InferOutput<typeof healthcheck>;
export type HistoryEntry = v.InferOutput<typeof historyEntry>;

/** @throws WindowboxError `invalid-argument` for anything that is no image config. `name` is the digest, for the message. */
export function parseImageConfig(json: string, name: string): ImageConfig {
  return parseJson(json, imageConfig, `Cannot read image config "${name}"`);
}

/** Reads JSON from outside against a schema; the message names the first field that is wrong. */
export function parseJson<S extends v.GenericSchema>(json: string, schema: S, failure: string): v.InferOutput<S> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new WindowboxError('invalid-argument', `${failure}: no JSON`, { cause });
  }
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new WindowboxError('invalid-argument', `${failure}: ${v.getDotPath(issue) ?? 'document'}: ${issue.message}`);
}
