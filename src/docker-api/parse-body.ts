import * as v from 'valibot';
import { WindowboxError } from '../errors/index.js';

/**
 * Checks a request body against its schema.
 *
 * @param structName Docker's name of the struct, for the message.
 * @throws WindowboxError `invalid-argument` in Go's words: `invalid JSON: json: cannot unmarshal string into Go struct field
 * ContainerConfig.Tty of type bool`.
 */
export function parseBody<Schema extends v.GenericSchema>(
  schema: Schema,
  body: unknown,
  structName: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, body, { abortEarly: true });
  if (result.success) return result.output;
  throw new WindowboxError('invalid-argument', `invalid JSON: ${inGoWords(result.issues[0], structName)}`);
}

function inGoWords(issue: v.BaseIssue<unknown>, structName: string): string {
  const path = (issue.path ?? []).map(({ key }) => key).filter((key) => typeof key === 'string');
  const received = goWordFor(issue.input);
  if (path.length === 0) return `json: cannot unmarshal ${received} into Go value of type ${structName}`;
  return `json: cannot unmarshal ${received} into Go struct field ${structName}.${path.join('.')} of type ${issue.message}`;
}

function goWordFor(input: unknown): string {
  if (typeof input === 'boolean') return 'bool';
  if (typeof input === 'number') return Number.isSafeInteger(input) ? 'number' : `number ${String(input)}`;
  if (Array.isArray(input)) return 'array';
  return typeof input;
}
