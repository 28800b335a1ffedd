import { type CommandDefinition, defineCommand } from '../define/command.js';
import { refuseOutput, saveBody } from '../streams/save-body.js';

export function makeSaveCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
    usage: '[OPTIONS] IMAGE [IMAGE...]',
    examples: [{ about: 'Take it to a machine without a network', line: 'windowbox save -o app.tar my/app:1' }],
    flags: { output: { kind: 'string', short: 'o', help: 'Write to a file, instead of STDOUT' } },
    takes: { atLeast: 1 },
    run: async ({ args, flags, client }) => {
      refuseOutput(flags.text('output'), 'save');
      await saveBody(
        await client().send({ method: 'GET', path: '/images/get', query: { names: args } }),
        flags.text('output'),
      );
      return 0;
    },
  });
}
