import type { HistoryShape } from '../../docker-api/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { formatFlag } from '../define/common-flags.js';
import { type Columns, renderList } from '../format/list.js';
import { formatDecimalSize } from '../format/sizes.js';
import { ago, ellipsis, goTimeText, shortId } from '../format/texts.js';
import { imagePath } from '../images/split-name.js';
import { print } from '../streams/print.js';

export function makeHistoryCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Show the history of an image',
    usage: '[OPTIONS] IMAGE',
    examples: [{ about: 'Each step in full', line: 'windowbox history --no-trunc my/app:1' }],
    flags: {
      format: formatFlag,
      human: { kind: 'bool', short: 'H', on: true, help: 'Print sizes and dates in human readable format' },
      'no-trunc': { kind: 'bool', help: "Don't truncate output" },
      quiet: { kind: 'bool', short: 'q', help: 'Only show image IDs' },
    },
    takes: { exactly: 1 },
    run: async ({ args, flags, client }) => {
      const history = await client().json<readonly HistoryShape[]>({
        method: 'GET',
        path: imagePath(args[0] ?? '', 'history'),
      });
      const human = flags.isOn('human');
      print(
        renderList(history, {
          columns: historyColumns(flags.isOn('no-trunc'), human),
          table: ['ID', human ? 'CreatedSince' : 'CreatedAt', 'CreatedBy', 'Size', 'Comment'],
          format: flags.text('format'),
          quiet: flags.isOn('quiet') ? 'ID' : undefined,
        }),
      );
      return 0;
    },
  });
}

function historyColumns(whole: boolean, human: boolean): Columns<HistoryShape> {
  const oneLine = (text: string): string => text.replaceAll('\t', ' ');
  return {
    ID: { header: 'IMAGE', text: ({ Id }) => (whole || Id === '<missing>' ? Id : shortId(Id)) },
    CreatedSince: { header: 'CREATED', text: ({ Created }) => (Created <= 0 ? 'N/A' : ago(Created)) },
    CreatedAt: { header: 'CREATED AT', text: ({ Created }) => goTimeText(Created) },
    CreatedBy: {
      header: 'CREATED BY',
      text: ({ CreatedBy }) => (whole ? oneLine(CreatedBy) : ellipsis(oneLine(CreatedBy), 45)),
    },
    Size: { header: 'SIZE', text: ({ Size }) => (human ? formatDecimalSize(Size, 3) : String(Size)) },
    Comment: { header: 'COMMENT', text: ({ Comment }) => Comment },
  };
}
