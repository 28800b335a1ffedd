import type { ImageSummary } from '../../docker-api/index.js';
import { filterFlag, formatFlag } from '../define/common-flags.js';
import { type CommandDefinition, type CommandInput, defineCommand } from '../define/command.js';
import type { FlagTable } from '../define/flag.js';
import { type Columns, renderList } from '../format/list.js';
import { formatDecimalSize } from '../format/sizes.js';
import { ago, goDate, shortId } from '../format/texts.js';
import { splitName } from '../images/split-name.js';
import { filtersQuery } from '../parse/filters.js';
import { print } from '../streams/print.js';

const imagesFlags = {
  all: { kind: 'bool', short: 'a', help: 'Show all images (default hides intermediate images)' },
  digests: { kind: 'bool', help: 'Show digests' },
  filter: filterFlag,
  format: formatFlag,
  'no-trunc': { kind: 'bool', help: "Don't truncate output" },
  quiet: { kind: 'bool', short: 'q', help: 'Only show image IDs' },
} as const satisfies FlagTable;

export function makeImagesCommand(): CommandDefinition {
  return defineCommand({
    summary: 'List images',
    usage: '[OPTIONS] [REPOSITORY[:TAG]]',
    examples: [
      { about: 'All tags of one', line: 'windowbox images my/app' },
      { about: 'Those without a name', line: 'windowbox images -f dangling=true' },
    ],
    flags: imagesFlags,
    takes: { atMost: 1 },
    run: async ({ args, flags, client }) => {
      const [reference] = args;
      const images = await client().json<readonly ImageSummary[]>({
        method: 'GET',
        path: '/images/json',
        query: {
          all: flags.isOn('all') ? 1 : undefined,
          filters: filtersQuery(flags.all('filter'), reference === undefined ? {} : { reference: [reference] }),
        },
      });
      print(render(images, flags));
      return 0;
    },
  });
}

function render(images: readonly ImageSummary[], flags: CommandInput<typeof imagesFlags>['flags']): string {
  const digests = flags.isOn('digests');
  const format = flags.text('format');
  const rows = [...images]
    .sort((a, b) => b.Created - a.Created)
    .flatMap((image) => rowsOf(image, digests || /\.Digest\b/u.test(format ?? '')));
  return renderList(rows, {
    columns: imageColumns(flags.isOn('no-trunc')),
    table: ['Repository', 'Tag', ...(digests ? ['Digest'] : []), 'ID', 'CreatedSince', 'Size'],
    format,
    quiet: flags.isOn('quiet') ? 'ID' : undefined,
  });
}

interface ImageRow {
  readonly image: ImageSummary;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** A row for each name; an image without one has a row of `<none>`. */
export function rowsOf(image: ImageSummary, digests: boolean): readonly ImageRow[] {
  const none = '<none>';
  const digestOf = new Map(
    (image.RepoDigests ?? []).map((name) => [name.split('@')[0] ?? '', name.split('@')[1] ?? none]),
  );
  const tagged = (image.RepoTags ?? []).filter((name) => name !== '<none>:<none>');
  const rows = tagged.map((name) => {
    const { repository, tag = none } = splitName(name);
    return { image, repository, tag, digest: digestOf.get(repository) ?? none };
  });
  if (rows.length > 0) return rows;
  const [first] = digestOf;
  return [{ image, repository: first?.[0] ?? none, tag: none, digest: digests ? (first?.[1] ?? none) : none }];
}

/** What `images` can show of a name of an image; `whole`: nothing is cut. */
export function imageColumns(whole: boolean): Columns<ImageRow> {
  return {
    Repository: { header: 'REPOSITORY', text: ({ repository }) => repository },
    Tag: { header: 'TAG', text: ({ tag }) => tag },
    Digest: { header: 'DIGEST', text: ({ digest }) => digest },
    ID: { header: 'IMAGE ID', text: ({ image }) => (whole ? image.Id : shortId(image.Id)) },
    CreatedSince: { header: 'CREATED', text: ({ image }) => (image.Created > 0 ? ago(image.Created) : 'N/A') },
    CreatedAt: { header: 'CREATED AT', text: ({ image }) => goDate(new Date(image.Created * 1000)) },
    Size: { header: 'SIZE', text: ({ image }) => formatDecimalSize(image.Size, 3) },
    Containers: {
      header: 'CONTAINERS',
      text: ({ image }) => (image.Containers < 0 ? 'N/A' : String(image.Containers)),
    },
    SharedSize: {
      header: 'SHARED SIZE',
      text: ({ image }) => (image.SharedSize < 0 ? 'N/A' : formatDecimalSize(image.SharedSize, 3)),
    },
    UniqueSize: {
      header: 'UNIQUE SIZE',
      text: ({ image }) => (image.SharedSize < 0 ? 'N/A' : formatDecimalSize(image.Size - image.SharedSize, 3)),
    },
    VirtualSize: { header: 'SIZE', text: ({ image }) => formatDecimalSize(image.Size, 3) },
  };
}
