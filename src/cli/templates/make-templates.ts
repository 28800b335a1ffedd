import type { ProgressMessage } from '../../docker-api/index.js';
import { WindowboxError } from '../../errors/index.js';
import type { Report } from '../../setup/index.js';
import { type Client, makeClient } from '../connection/client.js';
import { resolveEndpoint } from '../connection/endpoint.js';
import { jsonLines } from '../streams/json-lines.js';

interface MadeTemplate {
  readonly Made: boolean;
  readonly Milliseconds: number;
}

/** Has the daemon of this machine make templates, and starts it where none runs. @throws WindowboxError with the daemon's text. */
export async function makeTemplates(bases: readonly string[], report: Report): Promise<void> {
  const client: Client = makeClient(resolveEndpoint(undefined));
  const response = await client.send({ method: 'POST', path: '/templates', query: { base: bases } });
  const begun = new Set<string>();
  for await (const { id = '', status, aux, errorDetail } of jsonLines<ProgressMessage & { aux?: MadeTemplate }>(
    response,
  )) {
    if (errorDetail !== undefined) throw new WindowboxError('internal', errorDetail.message);
    const name = `template of ${id}`;
    if (!begun.has(id)) report({ type: 'step', name, title: name });
    begun.add(id);
    if (status !== undefined) report({ type: 'detail', name, text: status });
    if (aux !== undefined) report({ type: 'done', name, milliseconds: aux.Milliseconds, cached: !aux.Made });
  }
}
