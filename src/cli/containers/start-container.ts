import type { Client } from '../connection/client.js';
import { jsonLines } from '../streams/json-lines.js';
import { printError } from '../streams/print.js';

/** Starts a container by its name or id; on a terminal, tells what takes long when it does. @throws WindowboxError. */
export async function startContainer(client: Client, name: string): Promise<void> {
  const start = { method: 'POST', path: `/containers/${encodeURIComponent(name)}/start` } as const;
  if (!process.stderr.isTTY) {
    await client.json(start);
    return;
  }
  const started = new AbortController();
  const since = Date.now();
  let told: Promise<void> | undefined;
  const timer = setTimeout(() => {
    told = tellDelays(client, { name, since, signal: started.signal });
  }, patienceMs);
  try {
    await client.json(start);
  } finally {
    clearTimeout(timer);
    started.abort();
    await told;
  }
}

/** An ordinary start is over by then, and costs no request. */
const patienceMs = 700;
/** The daemon's clock may be another machine's. */
const clockSlackSeconds = 5;

interface DelayEvent {
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
}

interface Watch {
  readonly name: string;
  readonly since: number;
  readonly signal: AbortSignal;
}

/** One line that tells the seconds and the reason, and vanishes with the delay. */
async function tellDelays(client: Client, watch: Watch): Promise<void> {
  let reason = '';
  const show = (): void => {
    const seconds = Math.round((Date.now() - watch.since) / 1000);
    if (reason !== '') printError(`\r\u001B[K${fit(`[${String(seconds)} s] ${reason}`)}`);
  };
  const clock = setInterval(show, 1000);
  try {
    for await (const event of await delaysOf(client, watch)) {
      reason = event.Actor.Attributes['reason'] ?? '';
      if (!watch.signal.aborted) show();
    }
  } catch {
    // The start is over, or fails with its own words: nobody needs to be told why it took long.
  } finally {
    clearInterval(clock);
    if (reason !== '') printError('\r\u001B[K');
  }
}

async function delaysOf(client: Client, { name, since, signal }: Watch): Promise<AsyncIterable<DelayEvent>> {
  const response = await client.send({
    method: 'GET',
    path: '/events',
    query: {
      since: Math.floor(since / 1000) - clockSlackSeconds,
      filters: JSON.stringify({ type: ['container'], container: [name], event: ['delay'] }),
    },
    signal,
  });
  signal.addEventListener('abort', () => response.destroy(), { once: true });
  if (signal.aborted) response.destroy();
  return jsonLines<DelayEvent>(response);
}

/** A line that is longer than the terminal cannot be taken back. */
function fit(text: string): string {
  const columns = process.stderr.columns || 80;
  return text.length < columns ? text : `${text.slice(0, Math.max(columns - 2, 0))}…`;
}
