import { createDeferred, tarEnd, tarHeader, tarPadding } from '../../src/platform/index.js';
import type { BuildMessage, BuildRequest } from '../../src/builder/index.js';
import type { Files } from './build-world.js';

type Listing = Extract<BuildRequest['context'], { type: 'listing' }>['listing'];
type ListedEntry = Listing['entries'] extends AsyncIterable<readonly (infer Entry)[]> ? Entry : never;

export interface ListedClient {
  readonly context: BuildRequest['context'];
  readonly say: (message: BuildMessage) => void;
  /** Paths that were asked for, one list each time. */
  readonly asked: (readonly string[])[];
  /** It was told that nothing more is wanted. */
  readonly isDone: () => boolean;
}

export interface ListedClientOptions {
  readonly key?: string;
  /** Empty: the file is too young to have one. Default: its content. */
  readonly stamp?: (path: string, content: string) => string;
  /** What is sent in place of a file, when its turn comes. */
  readonly send?: (path: string, content: string) => readonly (readonly [path: string, content: string])[];
}

/** A client whose files come when they are asked for. Links are written `-> TARGET`. */
export function listedClient(files: Files, options: ListedClientOptions = {}): ListedClient {
  const { key = 'a key', stamp = (_, content) => content, send = (path, content) => [[path, content]] } = options;
  const names = Object.entries(files).map(([path, content]) => [path, content.toString()] as const);
  const asked: (readonly string[])[] = [];
  const waiting: (readonly number[])[] = [];
  let more = createDeferred<void>();
  let done = false;
  async function* entries(): AsyncGenerator<readonly ListedEntry[]> {
    yield names.map(([path, content]) =>
      content.startsWith('-> ')
        ? { type: 'symlink', path, modified: 1, linkName: content.slice(3) }
        : { type: 'file', path, modified: 1, size: content.length, isReadOnly: false, stamp: stamp(path, content) },
    );
  }
  async function* contents(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const numbers = waiting.shift();
      if (numbers?.length === 0) break;
      if (numbers === undefined) {
        await more.promise;
        more = createDeferred();
        continue;
      }
      for (const number of numbers)
        for (const [path, content] of send(...(names[number] ?? ['', '']))) {
          yield tarHeader({ name: path, type: 'file', size: content.length });
          yield Buffer.from(content);
          yield tarPadding(content.length);
        }
    }
    yield tarEnd;
  }
  return {
    context: { type: 'listing', listing: { key, entries: entries(), contents: contents() } },
    asked,
    isDone: () => done,
    say: (message) => {
      if (!('wanted' in message)) return;
      if (message.wanted.length === 0) done = true;
      else asked.push(message.wanted.map((number) => names[number]?.[0] ?? ''));
      waiting.push(message.wanted);
      more.resolve();
    },
  };
}
