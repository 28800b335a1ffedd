import { randomUUID } from 'node:crypto';
import { WindowboxError } from '../errors/index.js';
import type { BuildHost } from './build-host.js';
import type { BuildRequest } from './build-request.js';
import { type SharedBuild, shortId } from './evaluate/build-state.js';
import { loadContext } from './evaluate/load-context.js';
import { planStages } from './evaluate/plan-stages.js';
import { runStages } from './evaluate/run-stages.js';
import { parseDockerfile } from './parse/parse-dockerfile.js';
import type { Say } from './voice/messages.js';
import { makeStepNumbers, makeVoice, type Voice } from './voice/voice.js';

/**
 * Builds what a Dockerfile says, once for each platform that is asked for, and names the result: one image, or one name for all
 * builds. Says what Docker's classic builder does, and the life of each step. Answers the images' ids.
 *
 * @throws WindowboxError with Docker's text: `invalid-argument` for the Dockerfile, `internal` for a command that failed.
 */
export async function buildImages(host: BuildHost, request: BuildRequest, say: Say): Promise<readonly string[]> {
  const id = `build-${randomUUID()}`;
  const speak: Say = request.quiet ? (message) => 'aux' in message && say(message) : say;
  const numbers = makeStepNumbers();
  const newVoice = (): Voice => makeVoice(speak, () => {}, numbers);
  const context = await loadContext(host, request, { say, voice: newVoice });
  try {
    const voice = newVoice();
    voice.begin(`[internal] load build definition from ${request.dockerfile}`);
    const dockerfile = parseDockerfile(await context.readDockerfile(request.dockerfile));
    voice.end();
    const shared: SharedBuild = {
      id,
      host,
      request,
      context,
      dockerfile,
      plan: planStages(dockerfile.instructions, request.target),
      escape: dockerfile.escape,
      usedArguments: new Set(['SOURCE_DATE_EPOCH']),
      hashes: new Map(),
      firstLayers: new Map(),
      said: new Set(),
      latest: epochOf(request.buildArguments['SOURCE_DATE_EPOCH']),
    };
    // Two platforms may come to one image: it gets a name once.
    const ids = [...new Set(await runStages(shared, { platforms: platformsOf(request), say: speak, numbers }))];
    warnUnused(shared, speak);
    voice.begin(ids.length > 1 ? 'exporting to images' : 'exporting to image');
    for (const imageId of ids) {
      say({ aux: { ID: imageId } });
      speak({ stream: `Successfully built ${shortId(imageId)}\n` });
      voice.log(`writing image ${imageId} done\n`);
    }
    for (const tag of request.tags) {
      host.tag(ids, tag);
      const name = /:[^/]*$/u.test(tag) ? tag : `${tag}:latest`;
      speak({ stream: `Successfully tagged ${name}\n` });
      voice.log(`naming to ${name} done\n`);
    }
    voice.end();
    if (request.quiet) say({ stream: `${ids.join('\n')}\n` });
    return ids;
  } finally {
    await context.remove();
    await host.letGo(id);
  }
}

function platformsOf({ platform }: BuildRequest): readonly (string | undefined)[] {
  return platform === '' ? [undefined] : platform.split(',').map((one) => one.trim());
}

function warnUnused({ request, usedArguments }: SharedBuild, say: Say): void {
  const unused = Object.keys(request.buildArguments).filter((name) => !usedArguments.has(name));
  if (unused.length === 0) return;
  const text = `One or more build-args [${unused.join(' ')}] were not consumed`;
  say({ stream: `[Warning] ${text}\n` });
  say({ step: { state: 'warning', text } });
}

function epochOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,11}$/u.test(text)) return Number(text);
  throw new WindowboxError('invalid-argument', `invalid SOURCE_DATE_EPOCH: ${text}`);
}
