import { WindowboxError } from '../errors/index.js';
import type { Container } from './container.js';
import type { EngineContext } from './context.js';
import { type FilterTests, labelMatches, matchesAll } from './filters.js';
import type { ContainerView, ListOptions } from './types.js';
import { viewOf, viewWithSize } from './views.js';

/** `docker ps`: newest first; only running ones unless asked otherwise. */
export async function listContainers(context: EngineContext, options: ListOptions): Promise<readonly ContainerView[]> {
  const { status, ...filters } = options.filters;
  const matches = matchesAll(filters, containerTests(context));
  const showsAll = options.all || options.limit > 0 || status !== undefined || filters['exited'] !== undefined;
  const found = context.registry
    .all()
    .filter((container) => showsAll || isUp(container))
    .filter((container) => status === undefined || status.some((value) => hasStatus(container, value)))
    .filter(matches)
    .toSorted((a, b) => b.record.createdAt - a.record.createdAt);
  const shown = options.limit > 0 ? found.slice(0, options.limit) : found;
  return Promise.all(
    shown.map(async (container) =>
      options.size ? viewWithSize(context, container) : Promise.resolve(viewOf(context, container)),
    ),
  );
}

function isUp(container: Container): boolean {
  return ['running', 'paused', 'restarting'].includes(container.record.state.status);
}

function hasStatus(container: Container, value: string): boolean {
  const known = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];
  if (!known.includes(value))
    throw new WindowboxError('invalid-argument', `invalid filter 'status=${value}'`, {
      hint: `One of ${known.join(', ')}.`,
    });
  return container.record.state.status === value;
}

function containerTests(context: EngineContext): FilterTests<Container> {
  const createdAt = (ref: string): number => context.registry.find(ref).record.createdAt;
  return {
    id: ({ record }, value) => record.id.startsWith(value),
    name: ({ record }, value) => matchesName(record.name, value),
    label: ({ record }, value) => labelMatches(record.effective.labels, value),
    'label!': ({ record }, value) => !labelMatches(record.effective.labels, value),
    exited: ({ record }, value) => record.state.status === 'exited' && record.state.exitCode === parseCode(value),
    ancestor: ({ record }, value) =>
      record.imageId === value ||
      record.imageId.replace(/^sha256:/u, '').startsWith(value) ||
      [record.settings.image, record.imageName].includes(value),
    before: ({ record }, value) => record.createdAt < createdAt(value),
    since: ({ record }, value) => record.createdAt > createdAt(value),
    volume: ({ record }, value) =>
      record.mounts.some(
        (mount) => mount.name === value || mount.target.toLowerCase() === value.replaceAll('/', '\\').toLowerCase(),
      ),
    network: ({ record }, value) =>
      record.settings.endpoints[value] !== undefined ||
      Object.entries(record.networks).some(
        ([name, endpoint]) => name === value || endpoint.networkId.startsWith(value),
      ),
    publish: ({ record }, value) => Object.keys(record.ports).some((port) => portMatches(port, value)),
    expose: ({ record }, value) => record.effective.exposedPorts.some((port) => portMatches(port, value)),
    health: ({ live }, value) => (live?.health?.state.status ?? 'none') === value,
    isolation: ({ record }, value) => record.isolation === value.toLowerCase(),
    'is-task': (_container, value) => value === 'false' || value === '0',
    until: ({ record }, value) => record.createdAt < parseUntil(value),
  };
}

/** Docker reads the value as a regular expression on the name with and without its slash; a bad one is an error. */
function matchesName(name: string, pattern: string): boolean {
  try {
    const expression = new RegExp(pattern, 'u');
    return expression.test(name) || expression.test(`/${name}`);
  } catch (cause) {
    throw new WindowboxError('invalid-argument', `invalid filter 'name=${pattern}'`, { cause });
  }
}

function portMatches(port: string, wanted: string): boolean {
  return port === (wanted.includes('/') ? wanted : `${wanted}/tcp`);
}

function parseCode(value: string): number {
  const code = Number(value);
  if (!Number.isInteger(code))
    throw new WindowboxError('invalid-argument', `strconv.Atoi: parsing "${value}": invalid syntax`);
  return code;
}

/** A duration before now (`24h`, `10m`), a date, or seconds since 1970. */
export function parseUntil(value: string): number {
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(h|m|s|ms)/gu)];
  if (parts.length > 0 && parts.map(([text]) => text).join('') === value) {
    const factors: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
    return Date.now() - parts.reduce((sum, [, count, unit]) => sum + Number(count) * (factors[unit ?? ''] ?? 0), 0);
  }
  const time = /^\d+(\.\d+)?$/u.test(value) ? Number(value) * 1000 : Date.parse(value);
  if (Number.isNaN(time)) throw new WindowboxError('invalid-argument', `invalid filter 'until=${value}'`);
  return time;
}
