import type { ChangeShape } from '../../docker-api/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { print } from '../streams/print.js';

const letters = ['C', 'A', 'D'] as const;

export function makeDiffCommand(): CommandDefinition {
  return defineCommand({
    summary: "Inspect changes to files or directories on a container's filesystem",
    usage: 'CONTAINER',
    details: 'A: added, C: changed, D: deleted.',
    examples: [{ about: 'What it wrote', line: 'windowbox diff job' }],
    flags: {},
    takes: { exactly: 1 },
    run: async ({ args, client }) => {
      const path = `/containers/${encodeURIComponent(args[0] ?? '')}/changes`;
      const changes = await client().json<readonly ChangeShape[] | null>({ method: 'GET', path });
      print((changes ?? []).map(({ Kind, Path }) => `${letters[Kind]} ${Path}\n`).join(''));
      return 0;
    },
  });
}
