import { evaluateTemplate, type FieldLookup, goJson, parseTemplate, templateError } from './template/index.js';

/** One JSON value through `--format`: `json`, or a template. Used by inspect, info, version and events. */
export function renderValue(value: unknown, format: string): string {
  if (format === 'json') return goJson(value);
  return evaluateTemplate(parseTemplate(format), value, makeLookup());
}

/** Fields that are maps in Docker's types, with whatever keys: one that is not there has no value. In a struct it is an error. */
const maps = new Set([
  'Attributes',
  'Containers',
  'ExposedPorts',
  'Labels',
  'Networks',
  'Options',
  'PortBindings',
  'Ports',
  'Volumes',
]);

function makeLookup(): FieldLookup {
  const seenMaps = new WeakSet<object>();
  return (holder, name) => {
    if (holder === null || holder === undefined)
      throw templateError(`executing "" at <.${name}>: nil data; no entry for key "${name}"`);
    if (typeof holder !== 'object')
      throw templateError(`executing "" at <.${name}>: can't evaluate field ${name} in type ${typeof holder}`);
    const found = Object.entries(holder).find(([key]) => key === name);
    if (found === undefined && seenMaps.has(holder)) return undefined;
    if (found === undefined) throw templateError(`executing "" at <.${name}>: map has no entry for key "${name}"`);
    const value: unknown = found[1];
    if (maps.has(name) && typeof value === 'object' && value !== null) seenMaps.add(value);
    return value;
  };
}
