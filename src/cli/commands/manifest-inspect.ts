import type { DistributionInspect, RemoteBuildShape } from '../../docker-api/index.js';
import { decide, type HostProfile, osVersionText, targetOfOsVersion, type Verdict } from '../../rules/index.js';
import { type CommandDefinition, defineCommand } from '../define/command.js';
import { formatDecimalSize } from '../format/sizes.js';
import { shortId } from '../format/texts.js';
import { registryAuth } from '../images/registry-auth.js';
import { wantsColour } from '../output/colour.js';
import { formatResult } from '../output/print-result.js';
import type { Cell } from '../output/table.js';
import { answerColours } from '../rules/describe-verdict.js';
import { gatherHosts } from '../rules/gather-hosts.js';
import { verdictJson } from '../rules/verdict-json.js';
import { print } from '../streams/print.js';

export function makeManifestInspectCommand(): CommandDefinition {
  return defineCommand({
    summary: 'Show builds, sizes and verdicts of an image in a registry, without pulling it',
    usage: '[OPTIONS] IMAGE',
    details:
      'The table is for people; for the manifest as it is, ask with "docker manifest inspect". DOWNLOAD is what a pull fetches here: the layers above Microsoft’s base.',
    examples: [
      {
        about: 'Which builds there are, and which run here',
        line: 'windowbox manifest inspect registry:5000/my/app:1',
      },
      {
        about: 'What Windows 10 1909 would say',
        line: 'windowbox manifest inspect --on windows-10-1909 registry:5000/my/app:1',
      },
    ],
    flags: {
      json: { kind: 'bool', help: 'Print JSON, for machines' },
      on: { kind: 'list', help: 'Judge for this host: id, name or build', shownDefault: 'the daemon’s' },
    },
    takes: { exactly: 1 },
    run: async ({ args, flags, client }) => {
      const [image = ''] = args;
      const on = flags.all('on');
      const hosts = await gatherHosts(on.length === 0 ? {} : { host: on });
      const remote = await client().json<DistributionInspect>({
        method: 'GET',
        path: `/distribution/${image.split('/').map(encodeURIComponent).join('/')}/json`,
        query: { sizes: 1 },
        headers: await registryAuth(image),
      });
      const entries = (remote.Builds ?? []).flatMap((build) =>
        hosts.map((host) => ({ build, host, verdict: judge(image, build, host) })),
      );
      const json = entries.map(({ build, verdict }) => ({ ...build, verdict: verdict && verdictJson(verdict) }));
      print(
        formatResult(
          { table: { columns, rows: entries.map(rowOf) }, json: { ...remote.Descriptor, builds: json } },
          flags.isOn('json') ? { json: true } : {},
          wantsColour(process.stdout),
        ),
      );
      return 0;
    },
  });
}

interface Entry {
  readonly build: RemoteBuildShape;
  readonly host: HostProfile;
  readonly verdict: Verdict | undefined;
}

/** Undefined for what is not for Windows. */
function judge(image: string, { Platform: platform }: RemoteBuildShape, host: HostProfile): Verdict | undefined {
  if (platform.os !== 'windows') return undefined;
  const target = targetOfOsVersion(image, platform['os.version']);
  return decide({ host, image: target, today: new Date().toISOString().slice(0, 10) });
}

function rowOf({ build, host, verdict }: Entry): readonly Cell[] {
  const { Platform: platform, Digest: digest, TotalSize: total, OwnSize: own } = build;
  const version = verdict?.image.osVersion;
  const size = (bytes: number | undefined): string => (bytes === undefined ? '' : formatDecimalSize(bytes, 3));
  const mode = (name: 'process' | 'hyperv'): Cell =>
    verdict === undefined
      ? ''
      : { text: verdict.modes[name].answer, colour: answerColours[verdict.modes[name].answer] };
  return [
    `${platform.os}/${platform.architecture}`,
    version === undefined ? (platform['os.version'] ?? '') : osVersionText(version),
    shortId(digest),
    size(own),
    size(total),
    host.id,
    mode('process'),
    mode('hyperv'),
  ];
}

const columns = ['PLATFORM', 'OS VERSION', 'DIGEST', 'DOWNLOAD', 'ALL LAYERS', 'HOST', 'PROCESS', 'HYPERV'];
