import { type CommandDefinition, defineCommand } from '../define/command.js';
import { refuseOutput, saveBody } from '../streams/save-body.js';

export function makeExportCommand(): CommandDefinition {
  return defineCommand({
    summary: "Export a container's filesystem as a tar archive",
    usage: '[OPTIONS] CONTAINER',
    examples: [{ about: 'All of its C: drive', line: 'windowbox export -o drive.tar job' }],
    flags: { output: { kind: 'string', short: 'o', help: 'Write to a file, instead of STDOUT' } },
    takes: { exactly: 1 },
    run: async ({ args, flags, client }) => {
      refuseOutput(flags.text('output'), 'export');
      const path = `/containers/${encodeURIComponent(args[0] ?? '')}/export`;
      await saveBody(await client().send({ method: 'GET', path }), flags.text('output'));
      return 0;
    },
  });
}
