import type { Duplex } from 'node:stream';
import { WindowboxError } from '../errors/index.js';

/** QEMU's machine protocol: one JSON object a line. Only what we use. */
export interface QmpClient {
  /** @throws WindowboxError `internal` with QEMU's words, `timeout`, `unavailable` when QEMU has hung up. */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  onEvent(listener: (name: string, data: unknown) => void): void;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
  close(): void;
}

/** A QEMU that a guest has taken over may send anything: longer lines end the connection. */
const longestLine = 1 << 20;
const timeoutMs = 30_000;

/** Greets QEMU on a connected stream and resolves when it takes commands. */
export async function openQmp(transport: Duplex): Promise<QmpClient> {
  const pending = new Map<number, Pending>();
  const listeners: ((name: string, data: unknown) => void)[] = [];
  let next = 1;
  let open = true;
  let resolveClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (resolveClosed = resolve));
  const end = (): void => {
    if (!open) return;
    open = false;
    transport.destroy();
    for (const { settle } of pending.values()) settle(gone());
    pending.clear();
    resolveClosed();
  };
  readLines(transport, end, (message) => {
    const event = message.get('event');
    if (typeof event === 'string') for (const listener of listeners) listener(event, message.get('data'));
    const id = message.get('id');
    if (typeof id !== 'number') return;
    pending.get(id)?.settle(message);
    pending.delete(id);
  });
  const client: QmpClient = {
    execute: async (command, args) => {
      if (!open) throw gone();
      const id = next++;
      const answer = new Promise<Message | WindowboxError>((settle) => pending.set(id, { settle }));
      transport.write(`${JSON.stringify({ execute: command, ...(args && { arguments: args }), id })}\n`);
      return unwrap(command, await withTimeLimit(answer, command));
    },
    onEvent: (listener) => listeners.push(listener),
    closed,
    close: end,
  };
  await client.execute('qmp_capabilities');
  return client;
}

type Message = ReadonlyMap<string, unknown>;

interface Pending {
  readonly settle: (answer: Message | WindowboxError) => void;
}

function readLines(transport: Duplex, end: () => void, take: (message: Message) => void): void {
  let rest = '';
  transport.setEncoding('utf8');
  transport.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') take(parse(line));
    if (rest.length > longestLine) end();
  });
  transport.on('error', end).on('close', end);
}

/** What cannot be read says nothing: a command that waits for it has a time limit. */
function parse(line: string): Message {
  try {
    const value: unknown = JSON.parse(line);
    return new Map(Object.entries(typeof value === 'object' && value !== null ? value : {}));
  } catch {
    return new Map();
  }
}

async function withTimeLimit<T>(answer: Promise<T>, command: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new WindowboxError('timeout', `Cannot run "${command}" in the VM: QEMU does not answer`));
    }, timeoutMs);
  });
  return Promise.race([answer, limit]).finally(() => {
    clearTimeout(timer);
  });
}

function unwrap(command: string, answer: Message | WindowboxError): unknown {
  if (answer instanceof WindowboxError) throw answer;
  const error = answer.get('error');
  if (error === undefined) return answer.get('return');
  const text = typeof error === 'object' && error !== null && 'desc' in error ? String(error.desc) : 'unknown error';
  throw new WindowboxError('internal', `Cannot run "${command}" in the VM: ${text.slice(0, 500)}`);
}

function gone(): WindowboxError {
  return new WindowboxError('unavailable', 'Cannot reach the VM: QEMU has ended');
}
