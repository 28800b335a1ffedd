import { evaluateTemplate, type FieldLookup, goJson, parseTemplate, templateError } from './template/index.js';

/** One JSON value through `--format`: `json`, or a template. Used by inspect, info and version. */
export function renderValue(value: unknown, format: string): string {
  if (format === 'json') return goJson(value);
  return evaluateTemplate(parseTemplate(format), value, fieldOfJson);
}

const fieldOfJson: FieldLookup = (holder, name) => {
  if (holder === null || holder === undefined)
    throw templateError(`executing "" at <.${name}>: nil data; no entry for key "${name}"`);
  if (typeof holder !== 'object')
    throw templateError(`executing "" at <.${name}>: can't evaluate field ${name} in type ${typeof holder}`);
  const found = Object.entries(holder).find(([key]) => key === name);
  if (found === undefined) throw templateError(`executing "" at <.${name}>: map has no entry for key "${name}"`);
  const value: unknown = found[1];
  return value;
};
