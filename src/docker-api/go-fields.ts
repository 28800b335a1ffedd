import * as v from 'valibot';

/**
 * Building blocks for request bodies that behave as Go's `encoding/json` does on Docker's structs: an unknown field is ignored,
 * names fit without regard to case, `null` is the same as absent where the field is no pointer, a wrong type is refused. Each
 * message is the Go type, of which `parseBody` makes Go's sentence.
 */
export const text = v.nullish(v.string('string'), '');
export const flag = v.nullish(v.boolean('bool'), false);
export const whole = v.nullish(v.pipe(v.number('int64'), v.safeInteger('int64')), 0);
export const maybeWhole = pointer(v.pipe(v.number('int64'), v.safeInteger('int64')));
export const maybeFlag = pointer(v.boolean('bool'));
/** `undefined` for absent or `null`; Docker tells that apart from an empty list. */
export const maybeTexts = pointer(v.array(v.nullish(v.string('string'), ''), '[]string'));
export const texts = v.nullish(v.array(v.nullish(v.string('string'), ''), '[]string'), []);
/** Docker's `StrSlice`: a list, or one string for a list of one. */
export const commandLine = pointer(
  v.pipe(
    v.union([v.string(), v.array(v.nullish(v.string(), ''))], '[]string'),
    v.transform((value) => (typeof value === 'string' ? [value] : value)),
  ),
);
export const textMap = v.nullish(dictionary(v.nullish(v.string('string'), ''), 'map[string]string'), {});
/** A set: `{"80/tcp": {}}`. */
export const keySet = v.nullish(dictionary(v.unknown(), 'map[string]struct {}'), {});

/** A field that we neither use nor check, kept as it is for `inspect`. */
export const anything = v.optional(v.unknown());

/** A pointer in Go: absent and `null` are the same, and differ from the zero value. */
export function pointer<Pointed extends v.GenericSchema>(schema: Pointed) {
  return v.pipe(
    v.nullish(schema),
    v.transform((value): v.InferOutput<Pointed> | undefined => value ?? undefined),
  );
}

/** A Go map. */
export function dictionary<Value extends v.GenericSchema>(value: Value, goType: string) {
  return v.pipe(v.custom<Record<string, unknown>>(isPlainObject, goType), v.record(v.string(), value));
}

/** A Go struct. */
export function struct<Entries extends v.ObjectEntries>(entries: Entries) {
  const names = new Map(Object.keys(entries).map((name) => [name.toLowerCase(), name]));
  return v.pipe(
    v.custom<Record<string, unknown>>(isPlainObject, 'struct'),
    v.transform((input) => withExactNames(input, names)),
    v.object(entries),
  );
}

function withExactNames(input: Record<string, unknown>, names: ReadonlyMap<string, string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [names.get(key.toLowerCase()) ?? key, value]));
}

function isPlainObject(input: unknown): boolean {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}
