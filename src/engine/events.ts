import { WindowboxError } from '../errors/index.js';
import { dockerText } from './docker-texts.js';
import type { EngineEvent, EventOptions, Filters } from './types.js';

export interface EventBus {
  publish(event: Omit<EngineEvent, 'time'>): void;
  subscribe(options: EventOptions): AsyncIterable<EngineEvent>;
}

/** Docker keeps 256 past events; a client further behind than this is cut off rather than kept in memory. */
const kept = 1024;

export function createEventBus(): EventBus {
  const past: EngineEvent[] = [];
  const listeners = new Set<(event: EngineEvent) => void>();
  return {
    publish: (event) => {
      const dated = { ...event, time: nextTime(past.at(-1)?.time) };
      past.push(dated);
      if (past.length > kept) past.shift();
      for (const listener of listeners) listener(dated);
    },
    subscribe: (options) => {
      const matches = eventFilter(options.filters);
      return {
        [Symbol.asyncIterator]: () => follow({ past, listeners, options, matches }),
      };
    },
  };
}

async function* follow(bus: {
  readonly past: readonly EngineEvent[];
  readonly listeners: Set<(event: EngineEvent) => void>;
  readonly options: EventOptions;
  readonly matches: (event: EngineEvent) => boolean;
}): AsyncGenerator<EngineEvent> {
  const { options } = bus;
  const queue = options.since === undefined ? [] : bus.past.filter(({ time }) => time >= (options.since ?? 0n));
  let wake: (() => void) | undefined;
  const listener = (event: EngineEvent): void => {
    queue.push(event);
    wake?.();
  };
  const end = endSignal(options);
  bus.listeners.add(listener);
  try {
    for (;;) {
      for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
        if (options.until !== undefined && event.time > options.until) return;
        if (bus.matches(event)) yield event;
        if (queue.length > kept)
          throw new WindowboxError('resource-exhausted', 'Cannot follow events: the client reads too slowly');
      }
      if (end.signal.aborted) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        end.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  } finally {
    bus.listeners.delete(listener);
    end.dispose();
  }
}

/** Aborts when the client goes or `until` has come. */
function endSignal(options: EventOptions): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (options.signal?.aborted === true) abort();
  options.signal?.addEventListener('abort', abort, { once: true });
  const left = options.until === undefined ? undefined : Number(options.until / 1_000_000n) - Date.now();
  // setTimeout takes 31 bits of milliseconds; whoever asks for more than 24 days waits for the signal alone.
  const timer = left === undefined || left > 2 ** 31 - 1 ? undefined : setTimeout(abort, Math.max(left, 0));
  return {
    signal: controller.signal,
    dispose: () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
    },
  };
}

/** Filters of `docker events`; different names must all match, values of one name are alternatives. */
function eventFilter(filters: Filters): (event: EngineEvent) => boolean {
  const tests = Object.entries(filters).map(([name, values]) => {
    const test = eventTests[name];
    if (test === undefined) throw new WindowboxError('invalid-argument', dockerText('invalidFilter', name));
    return (event: EngineEvent) => values.some((value) => test(event, value));
  });
  return (event) => tests.every((test) => test(event));
}

const eventTests: Readonly<Record<string, (event: EngineEvent, value: string) => boolean>> = {
  type: (event, value) => event.type === value,
  event: (event, value) => event.action === value || event.action.startsWith(`${value}:`),
  container: (event, value) => event.type === 'container' && isNamed(event, value),
  volume: (event, value) => event.type === 'volume' && event.actor === value,
  network: (event, value) => event.type === 'network' && isNamed(event, value),
  image: (event, value) =>
    (event.type === 'image' && isNamed(event, value)) ||
    (event.type === 'container' && event.attributes['image'] === value),
  label: (event, value) => {
    const [name = '', expected] = value.split(/=(.*)/su);
    return expected === undefined ? event.attributes[name] !== undefined : event.attributes[name] === expected;
  },
  scope: (_event, value) => value === 'local',
  daemon: (event) => event.type === 'daemon',
};

function isNamed(event: EngineEvent, value: string): boolean {
  return event.attributes['name'] === value || (value !== '' && event.actor.startsWith(value));
}

/** Times rise strictly: clients use the last one they saw as `since`. */
function nextTime(last: bigint | undefined): bigint {
  const now = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
  return last !== undefined && now <= last ? last + 1n : now;
}
