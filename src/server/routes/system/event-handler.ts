import { WindowboxError } from '../../../errors/index.js';
import { dockerTexts, type EventShape, hasFeature, isAtLeast, parseFilters } from '../../../docker-api/index.js';
import type { EngineEvent } from '../../../engine/index.js';
import { type ApiRequest, queryMoment, queryText } from '../../http/api-request.js';
import type { Reply } from '../../http/reply.js';
import type { SystemBackend } from './backend.js';

/** `GET /events`: past ones from `since`, then new ones, until `until` or for as long as the client stays. */
export function showEvents(request: ApiRequest, { events }: Pick<SystemBackend, 'events'>): Reply {
  const since = queryMoment(request, 'since');
  const until = queryMoment(request, 'until');
  if (since !== undefined && until !== undefined && until < since)
    throw new WindowboxError(
      'invalid-argument',
      dockerTexts.sinceAfterUntil(queryText(request, 'since') ?? '', queryText(request, 'until') ?? ''),
    );
  const filters = parseFilters(queryText(request, 'filters'));
  const contentType = formatFor(request);
  return {
    kind: 'stream',
    status: 200,
    contentType,
    chunks: eventLines(events({ since, until, filters, signal: request.signal }), {
      version: request.version,
      prefix: contentType === 'application/json-seq' ? '\u001E' : '',
    }),
  };
}

async function* eventLines(
  events: AsyncIterable<EngineEvent>,
  { version, prefix }: { readonly version: string; readonly prefix: string },
): AsyncGenerator<string> {
  for await (const event of events) {
    const tooNew = event.type === 'image' && event.action === 'create' && !hasFeature(version, 'imageCreateEvents');
    if (!tooNew) yield `${prefix}${eventText(eventShape(event))}\n`;
  }
}

function eventShape(event: EngineEvent): EventShape {
  return {
    ...oldFields(event),
    Type: event.type,
    Action: event.action,
    Actor: { ID: event.actor, Attributes: event.attributes },
    scope: 'local',
    time: Number(event.time / 1_000_000_000n),
    timeNano: event.time,
  };
}

/**
 * Fields of before API 1.22, which 1.52 dropped. They stay here at every version: docker-compose 1.29 asks for the newest version that
 * the engine has, and fails without `id`; nobody fails with it.
 */
function oldFields(event: EngineEvent): Partial<EventShape> {
  if (event.type === 'image') return { status: event.action, id: event.actor };
  if (event.type !== 'container') return {};
  return { status: event.action, id: event.actor, from: event.attributes['image'] ?? '' };
}

/** JSON, with all digits of `timeNano`: it is beyond what a JavaScript number holds exactly. */
function eventText({ timeNano, ...rest }: EventShape): string {
  return `${JSON.stringify(rest).slice(0, -1)},"timeNano":${String(timeNano)}}`;
}

function formatFor(request: ApiRequest): string {
  const accept = request.headers.accept ?? '';
  if (!hasFeature(request.version, 'eventFormats')) return 'application/json';
  const offered = [
    'application/x-ndjson',
    'application/json-seq',
    ...(isAtLeast(request.version, '1.53') ? ['application/jsonl'] : []),
  ];
  return offered.find((type) => accept.includes(type)) ?? 'application/json';
}
