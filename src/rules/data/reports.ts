import type { BaseProduct, HostKind } from '../model.js';

/** What somebody saw on a real host. */
export interface Report {
  readonly kind: HostKind;
  readonly hostBuild: number;
  readonly imageBuild: number;
  /** `pull`: refused before any isolation was tried. */
  readonly mode: 'process' | 'hyperv' | 'pull';
  readonly works: boolean;
  /** Where the report is about one image only. */
  readonly product?: BaseProduct;
  readonly where: string;
  readonly detail?: string;
  /** Fails only until the host is updated: a warning, not a denial. */
  readonly conditional?: true;
}

type Row = readonly [
  pair: `${HostKind} ${number} ${number}`,
  result: `${Report['mode']} ${'works' | 'fails'}`,
  where: string,
  detail?: string,
  more?: Pick<Report, 'product' | 'conditional'>,
];

/** Host kind, host build, image build; mode and result; where; detail. A new report is one row here. */
const rows: readonly Row[] = [
  ['server 17763 20348', 'hyperv fails', 'microsoft/Windows-Containers#253', 'Microsoft: not supported'],
  [
    'server 18363 17763',
    'process works',
    'MicrosoftDocs/Virtualization-Documentation#1286',
    'nanoserver:1809 only',
    { product: 'nanoserver' },
  ],
  [
    'server 18363 18362',
    'process works',
    'MicrosoftDocs/Virtualization-Documentation#1286',
    'tried on server and desktop',
  ],
  [
    'server 26100 26100',
    'process fails',
    'microsoft/Windows-Containers#591, docker/for-win#14287',
    '0xc0370106 until host had KB5058411 (26100.4061)',
    { conditional: true },
  ],
  ['client 17763 17763', 'process works', 'MicrosoftDocs/Virtualization-Documentation#981', 'Engine 18.09.1, works'],
  [
    'client 18362 18362',
    'process works',
    'MicrosoftDocs/Virtualization-Documentation#1483',
    '"I am on Windows 1903 and --isolation works"; tag not stated',
  ],
  [
    'client 18363 17763',
    'process fails',
    'docker/for-win#5148, moby/moby#40468',
    'hcsshim::CreateComputeSystem ...: The system cannot find the file specified.',
  ],
  [
    'client 18363 17763',
    'process works',
    'MicrosoftDocs/Virtualization-Documentation#1286',
    'nanoserver:1809 only',
    { product: 'nanoserver' },
  ],
  [
    'client 18363 18362',
    'process works',
    'docker/for-win#5148, MicrosoftDocs/Virtualization-Documentation#1299, microsoft/navcontainerhelper#744',
  ],
  ['client 18363 18363', 'process works', 'docker/for-win#5148'],
  ['client 19042 19041', 'process works', 'MicrosoftDocs/Virtualization-Documentation#1537'],
  ['client 19042 19041', 'process fails', 'docker/for-win#9278', 'hcsshim::System::Start: context deadline exceeded'],
  ['client 19043 19041', 'process works', 'microsoft/nav-docker#497'],
  ['client 19043 19042', 'process fails', 'microsoft/nav-docker#497, microsoft/Windows-Containers#163'],
  [
    'client 19044 19041',
    'process works',
    'microsoft/Windows-Containers#406',
    'nanoserver:2004',
    { product: 'nanoserver' },
  ],
  [
    'client 19044 20348',
    'pull fails',
    'MicrosoftDocs/Virtualization-Documentation#1786',
    'a Windows version 10.0.20348-based image is incompatible with a 10.0.19044 host (even with --isolation=hyperv)',
  ],
  [
    'client 19045 17763',
    'process fails',
    'microsoft/Windows-Containers#352, #399',
    'hcs::CreateComputeSystem ...: The container operating system does not match the host operating system.',
  ],
  ['client 22000 20348', 'process works', 'microsoft/Windows-Containers#192, #117'],
  ['client 22621 20348', 'process works', 'microsoft/Windows-Containers#302'],
  ['client 22621 20348', 'process fails', 'microsoft/Windows-Containers#525', 'intermittent 0x6be / 0xc0370106'],
  ['client 26200 20348', 'process works', 'microsoft/hcsshim#2566', '"LTSC 2022 works fine"'],
  ['client 26200 26100', 'process fails', 'microsoft/hcsshim#2566', '0xc0370112, Engine 29.0.1'],
  ['client 26200 26100', 'hyperv fails', 'microsoft/hcsshim#2566', '0xc0370112'],
];

export const reports: readonly Report[] = rows.map(([pair, result, where, detail, more]) => {
  const [kind, hostBuild, imageBuild] = pair.split(' ');
  const [mode, outcome] = result.split(' ');
  return {
    kind: kind === 'server' ? 'server' : 'client',
    hostBuild: Number(hostBuild),
    imageBuild: Number(imageBuild),
    mode: mode === 'process' || mode === 'hyperv' ? mode : 'pull',
    works: outcome === 'works',
    where,
    ...(detail === undefined ? {} : { detail }),
    ...more,
  };
});
