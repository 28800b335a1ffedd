import { parseBytes } from '../parse/bytes.js';
import { parseCpus } from '../parse/cpus.js';
import { parseDuration } from '../parse/duration.js';
import type { Parsed } from '../parse/parsed.js';
import type { FlagSpec } from './flag.js';

/** The value of one flag by its kind, or what is wrong with it in the words of Go's own parsers, which Docker shows. */
export function parseFlagValue(spec: FlagSpec, text: string): Parsed<string | number | boolean> {
  switch (spec.kind) {
    case 'bool':
      return parseBool(text);
    case 'string':
    case 'list': {
      const problem = spec.check?.(text);
      return problem === undefined ? { value: text } : { problem };
    }
    case 'int':
      return parseInteger(text);
    case 'bytes':
      return parseBytes(text);
    case 'duration':
      return parseDuration(text);
    case 'cpus':
      break;
  }
  return parseCpus(text);
}

function parseBool(text: string): Parsed<boolean> {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return { value: true };
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return { value: false };
  return { problem: `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax` };
}

function parseInteger(text: string): Parsed<number> {
  if (!/^[+-]?\d+$/u.test(text))
    return { problem: `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax` };
  const value = Number(text);
  if (Number.isSafeInteger(value)) return { value };
  return { problem: `strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range` };
}
