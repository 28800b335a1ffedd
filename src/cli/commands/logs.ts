import { type CommandDefinition, defineCommand } from '../define/command.js';
import { timeQuery } from '../parse/time-query.js';
import { copyOutput } from '../streams/copy-output.js';

export function makeLogsCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Fetch the logs of a container',
    usage: '[OPTIONS] CONTAINER',
    examples: [
      { about: 'The last 20 lines, then each new one', line: 'windowbox logs -f --tail 20 web' },
      { about: 'Of the last ten minutes, with times', line: 'windowbox logs -t --since 10m web' },
    ],
    flags: {
      details: { kind: 'bool', help: 'Show extra details provided to logs' },
      follow: { kind: 'bool', short: 'f', help: 'Follow log output' },
      since: {
        kind: 'string',
        help: 'Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)',
      },
      tail: {
        kind: 'string',
        short: 'n',
        help: 'Number of lines to show from the end of the logs',
        shownDefault: 'all',
      },
      timestamps: { kind: 'bool', short: 't', help: 'Show timestamps' },
      until: {
        kind: 'string',
        help: 'Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)',
      },
    },
    takes: { exactly: 1 },
    run: async ({ flags, args, client }) => {
      const response = await client().send({
        method: 'GET',
        path: `/containers/${encodeURIComponent(args[0] ?? '')}/logs`,
        query: {
          stdout: 1,
          stderr: 1,
          follow: flags.isOn('follow') ? 1 : undefined,
          details: flags.isOn('details') ? 1 : undefined,
          timestamps: flags.isOn('timestamps') ? 1 : undefined,
          tail: flags.text('tail') ?? 'all',
          since: timeQuery(flags.text('since')),
          until: timeQuery(flags.text('until')),
        },
      });
      const raw = response.headers['content-type'] === 'application/vnd.docker.raw-stream';
      await copyOutput(response, raw ? 'raw' : 'framed');
      return 0;
    },
  });
}
