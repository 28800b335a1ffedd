import { WindowboxError } from '../../errors/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { imagePath } from '../images/split-name.js';
import { print, printError } from '../streams/print.js';

export function makeRebaseCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Move an image to another base without a build',
    usage: '[OPTIONS] IMAGE --onto BASE',
    details:
      'Makes a new image of the same layers on another base: os.version, os.features, and what the image did not set itself are those of the new base, the old image stays. The base may be any image; --from names the one whose layers are left behind. Warns of layers that changed files or the registry of the old Windows. Prints the new image’s id.',
    examples: [
      {
        about: 'The same program for Windows Server 2025',
        line: 'windowbox rebase my/app:1 --onto servercore:ltsc2025 -t my/app:1-ltsc2025',
      },
      {
        about: 'The same program on a newer image of a runtime',
        line: 'windowbox rebase my/app:1 --from their/runtime:1 --onto their/runtime:2 -t my/app:2',
      },
    ],
    flags: {
      onto: { kind: 'string', help: 'Base: servercore:ltsc2025, a base image’s full name, or any image' },
      from: {
        kind: 'string',
        help: 'Image that it was built on, whose layers are left behind (default: Windows alone)',
      },
      tag: { kind: 'string', short: 't', help: "Name of the new image in the 'name:tag' format" },
    },
    takes: { exactly: 1 },
    run: async ({ args, flags, client }) => {
      const onto = flags.text('onto');
      if (onto === undefined)
        throw new WindowboxError('invalid-argument', 'Cannot rebase: --onto is missing', {
          hint: 'Name the base: --onto servercore:ltsc2025. "windowbox bases" lists them.',
        });
      const { Id, Warnings } = await client().json<{ Id: string; Warnings: readonly string[] }>({
        method: 'POST',
        path: imagePath(args[0] ?? '', 'rebase'),
        query: { onto, from: flags.text('from'), t: flags.text('tag') },
      });
      for (const warning of Warnings) printError(`WARNING: ${warning}\n`);
      print(`${Id}\n`);
      return 0;
    },
  });
}
