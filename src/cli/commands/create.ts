import { createContainer } from '../containers/create-container.js';
import { createBody } from '../create/create-body.js';
import { createFlags } from '../create/create-flags.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { print } from '../streams/print.js';

export function makeCreateCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Create a new container',
    usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
    examples: [
      {
        about: 'Make it now, start it later',
        line: 'windowbox create --name job mcr.microsoft.com/windows/nanoserver:ltsc2025 cmd /c ver && windowbox start -a job',
      },
    ],
    flags: createFlags,
    takes: { atLeast: 1 },
    stopAtFirstArgument: true,
    run: async ({ flags, args, client }) => {
      const [image = '', ...command] = args;
      const body = createBody({ flags, image, command, detach: false, env: process.env });
      const id = await createContainer(client(), flags, { ...body, Image: image });
      print(`${id}\n`);
      return 0;
    },
  });
}
