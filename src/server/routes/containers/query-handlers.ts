import { WindowboxError } from '../../../errors/index.js';
import { checkFilterNames, dockerTexts, hasFeature, humanSize, parseFilters } from '../../../docker-api/index.js';
import type { ProcessInfo, WaitCondition, WaitResult } from '../../../engine/index.js';
import { type ApiRequest, pathParameter, queryFlag, queryInteger, queryText } from '../../http/api-request.js';
import { json, type Reply } from '../../http/reply.js';
import { containerInspect } from './container-inspect.js';
import { containerSummary } from './container-summary.js';
import type { ContainerContext } from './context.js';

const listFilters = [
  'ancestor',
  'annotation',
  'before',
  'exited',
  'expose',
  'health',
  'id',
  'is-task',
  'isolation',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
];

export async function listContainers(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const filters = parseFilters(queryText(request, 'filters'));
  checkFilterNames(filters, listFilters);
  const views = await containers.list({
    all: queryFlag(request, 'all'),
    limit: Math.max(0, queryInteger(request, 'limit') ?? 0),
    size: queryFlag(request, 'size'),
    filters: { ...filters, ...oldParameter(request, 'since'), ...oldParameter(request, 'before') },
  });
  const now = Date.now();
  return json(views.map((view) => containerSummary(view, request.version, now)));
}

export async function inspectContainer(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const view = await containers.inspect(pathParameter(request, 'name'), { size: queryFlag(request, 'size') });
  return json(containerInspect(view, request.version));
}

export async function listProcesses(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  // The CLI sends the arguments of ps, which Windows does not have.
  if (queryText(request, 'ps_args') !== undefined)
    throw new WindowboxError('invalid-argument', 'Windows does not support arguments to top');
  const processes = await containers.top(pathParameter(request, 'name'));
  return json({ Titles: ['Name', 'PID', 'CPU', 'Private Working Set'], Processes: processes.map(processRow) });
}

export async function listChanges(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const changes = await containers.changes(pathParameter(request, 'name'));
  const kinds = { modified: 0, added: 1, deleted: 2 } as const;
  const shown = changes.map(({ path, kind }) => ({ Path: path, Kind: kinds[kind] }));
  return json(shown.length > 0 ? shown : null);
}

export async function waitForContainer(request: ApiRequest, { containers }: ContainerContext): Promise<Reply> {
  const conditional = hasFeature(request.version, 'waitConditions');
  const condition = conditional ? conditionOf(request) : 'not-running';
  const { result } = await containers.wait(pathParameter(request, 'name'), condition, request.signal);
  if (!conditional) return json(waitShape(await result));
  return { kind: 'stream', status: 200, contentType: 'application/json', chunks: waitLine(result, request.signal) };
}

function conditionOf(request: ApiRequest): WaitCondition {
  const value = queryText(request, 'condition') ?? 'not-running';
  if (value === 'not-running' || value === 'next-exit' || value === 'removed') return value;
  throw new WindowboxError('invalid-argument', dockerTexts.invalidCondition(value));
}

/** The head goes out first, so that the client knows that it waits before it starts the container. */
async function* waitLine(result: Promise<WaitResult>, signal: AbortSignal): AsyncGenerator<string> {
  const gone = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(undefined);
    });
  });
  const ended = await Promise.race([result, gone]);
  if (ended) yield `${JSON.stringify(waitShape(ended))}\n`;
}

function waitShape(result: WaitResult) {
  return { StatusCode: result.exitCode, ...(result.error === undefined ? {} : { Error: { Message: result.error } }) };
}

function oldParameter(request: ApiRequest, name: string): Readonly<Record<string, readonly string[]>> {
  const value = queryText(request, name);
  return value === undefined ? {} : { [name]: [value] };
}

function processRow(process: ProcessInfo): readonly string[] {
  return [process.name, String(process.pid), cpuTime(process.cpu), humanSize(process.privateMemory)];
}

function cpuTime(nanoseconds: number): string {
  const milliseconds = Math.floor(nanoseconds / 1e6);
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.floor(milliseconds / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `${clock}.${String(milliseconds % 1000).padStart(3, '0')}`;
}
