import type { EventShape } from '../../docker-api/index.js';
import { logTime } from '../../docker-api/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { renderValue } from '../format/render-value.js';
import { filtersQuery } from '../parse/filters.js';
import { timeQuery } from '../parse/time-query.js';
import { textLines } from '../streams/json-lines.js';
import { print } from '../streams/print.js';

export function makeEventsCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Get real time events from the server',
    usage: '[OPTIONS]',
    examples: [
      { about: 'What happens to one container', line: 'windowbox events --filter container=web' },
      { about: 'The last hour, as JSON', line: 'windowbox events --since 1h --until 0s --format json' },
    ],
    flags: {
      filter: { kind: 'list', short: 'f', value: 'filter', help: 'Filter output based on conditions provided' },
      format: { kind: 'string', help: "Format output using a custom template: 'json' or 'TEMPLATE'" },
      since: { kind: 'string', help: 'Show all events created since timestamp' },
      until: { kind: 'string', help: 'Stream events until this timestamp' },
    },
    takes: { exactly: 0 },
    run: async ({ flags, client }) => {
      const response = await client().send({
        method: 'GET',
        path: '/events',
        query: {
          since: timeQuery(flags.text('since')),
          until: timeQuery(flags.text('until')),
          filters: filtersQuery(flags.all('filter')),
        },
      });
      const format = flags.text('format') ?? '';
      for await (const line of textLines(response)) print(`${show(line, format)}\n`);
      return 0;
    },
  });
}

function show(line: string, format: string): string {
  if (format === 'json' || format === '{{json .}}') return line;
  const event: EventShape = JSON.parse(line);
  if (format !== '') return renderValue(event, format);
  const attributes = Object.entries(event.Actor.Attributes ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  const details = attributes.length === 0 ? '' : ` (${attributes.join(', ')})`;
  return `${logTime(timeOf(line))} ${event.Type} ${event.Action} ${event.Actor.ID}${details}`;
}

/** Out of the text: a JavaScript number does not hold all its digits. */
function timeOf(line: string): bigint {
  return BigInt(/"timeNano":\s*(\d+)/u.exec(line)?.[1] ?? '0');
}
