import { describeError } from '../../errors/index.js';
import type { BuildHost } from '../build-host.js';
import type { BuildRequest, ContextInput } from '../build-request.js';
import type { Ask } from '../files/listed-tree.js';
import type { Say } from '../voice/messages.js';
import type { Voice } from '../voice/voice.js';
import { type BuildContext, openContext } from './build-context.js';

export interface LoadOptions {
  /** Hears all, also in a quiet build. */
  readonly say: Say;
  /** A new voice for a step of its own. */
  readonly voice: () => Voice;
}

/**
 * Takes the context in, and says how much of it came: as a step of its own, and as another one each time that files are asked for later. A client
 * that waits to be asked hears when nothing more will be, whatever becomes of the build.
 */
export async function loadContext(
  host: BuildHost,
  request: BuildRequest,
  { say, voice }: LoadOptions,
): Promise<BuildContext> {
  const { signal, dockerfile } = request;
  const finish = (): void => {
    if (request.context.type === 'listing') say({ wanted: [] });
  };
  let loading: Voice | undefined = voice();
  const ask: Ask = async (numbers, receive) => {
    const step = loading ?? voice();
    if (!loading) step.begin(stepName);
    say({ wanted: numbers });
    try {
      step.log(transferred(await receive()));
      if (!loading) step.end();
    } catch (error) {
      step.fail(signal.aborted ? 'cancelled' : { error: describeError(error), excerpt: '' });
      throw error;
    }
  };
  try {
    loading.begin(stepName);
    const { contexts: records, spools, work: parent } = host.state;
    const options = { parent, records, spools, ask, signal, dockerfile };
    const context = await openContext(counted(request.context, loading), options);
    loading.end();
    loading = undefined;
    return {
      ...context,
      remove: async () => {
        finish();
        await context.remove();
      },
    };
  } catch (error) {
    finish();
    throw error;
  }
}

/** Says how much of a tar stream came. */
function counted(input: ContextInput, voice: Voice): ContextInput {
  if (input.type !== 'tar') return input;
  const count = async function* count(): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of input.bytes) {
      bytes += chunk.length;
      yield chunk;
    }
    voice.log(transferred(bytes));
  };
  return { type: 'tar', bytes: count() };
}

function transferred(bytes: number): string {
  return `transferring context: ${String(bytes)}B done\n`;
}

const stepName = '[internal] load build context';
