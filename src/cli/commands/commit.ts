import { type CommandDefinition, defineCommand } from '../define/command.js';
import { splitName } from '../images/split-name.js';
import { print } from '../streams/print.js';

export function makeCommitCommand(): CommandDefinition {
  return defineCommand({
    summary: "Create a new image from a container's changes",
    usage: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
    examples: [{ about: 'Keep what was installed', line: 'windowbox commit -c \'CMD ["app.exe"]\' work my/app:1' }],
    flags: {
      author: { kind: 'string', short: 'a', help: 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")' },
      change: { kind: 'list', short: 'c', help: 'Apply Dockerfile instruction to the created image' },
      message: { kind: 'string', short: 'm', help: 'Commit message' },
      pause: { kind: 'bool', short: 'p', on: true, help: 'Pause container during commit' },
    },
    takes: { atLeast: 1, atMost: 2 },
    run: async ({ args, flags, client }) => {
      const [container, reference = ''] = args;
      const { repository, tag } = splitName(reference);
      const { Id } = await client().json<{ Id: string }>({
        method: 'POST',
        path: '/commit',
        query: {
          container,
          repo: repository === '' ? undefined : repository,
          tag,
          author: flags.text('author'),
          comment: flags.text('message'),
          changes: flags.all('change'),
          pause: flags.isOn('pause') ? 1 : 0,
        },
        body: {},
      });
      print(`${Id}\n`);
      return 0;
    },
  });
}
