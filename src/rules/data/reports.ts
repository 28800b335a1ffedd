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

/** A new report is one line here. */
export const reports: readonly Report[] = [
  {
    kind: 'server',
    hostBuild: 17763,
    imageBuild: 20348,
    mode: 'hyperv',
    works: false,
    where: 'microsoft/Windows-Containers#253',
    detail: 'Microsoft: not supported',
  },
  {
    kind: 'server',
    hostBuild: 18363,
    imageBuild: 17763,
    mode: 'process',
    works: true,
    product: 'nanoserver',
    where: 'MicrosoftDocs/Virtualization-Documentation#1286',
    detail: 'nanoserver:1809 only',
  },
  {
    kind: 'server',
    hostBuild: 18363,
    imageBuild: 18362,
    mode: 'process',
    works: true,
    where: 'MicrosoftDocs/Virtualization-Documentation#1286',
    detail: 'tried on server and desktop',
  },
  {
    kind: 'server',
    hostBuild: 26100,
    imageBuild: 26100,
    mode: 'process',
    works: false,
    where: 'microsoft/Windows-Containers#591, docker/for-win#14287',
    detail: '0xc0370106 until host had KB5058411 (26100.4061)',
    conditional: true,
  },
  {
    kind: 'client',
    hostBuild: 17763,
    imageBuild: 17763,
    mode: 'process',
    works: true,
    where: 'MicrosoftDocs/Virtualization-Documentation#981',
    detail: 'Engine 18.09.1, works',
  },
  {
    kind: 'client',
    hostBuild: 18362,
    imageBuild: 18362,
    mode: 'process',
    works: true,
    where: 'MicrosoftDocs/Virtualization-Documentation#1483',
    detail: '"I am on Windows 1903 and --isolation works"; tag not stated',
  },
  {
    kind: 'client',
    hostBuild: 18363,
    imageBuild: 17763,
    mode: 'process',
    works: false,
    where: 'docker/for-win#5148, moby/moby#40468',
    detail: 'hcsshim::CreateComputeSystem ...: The system cannot find the file specified.',
  },
  {
    kind: 'client',
    hostBuild: 18363,
    imageBuild: 17763,
    mode: 'process',
    works: true,
    product: 'nanoserver',
    where: 'MicrosoftDocs/Virtualization-Documentation#1286',
    detail: 'nanoserver:1809 only',
  },
  {
    kind: 'client',
    hostBuild: 18363,
    imageBuild: 18362,
    mode: 'process',
    works: true,
    where: 'docker/for-win#5148, MicrosoftDocs/Virtualization-Documentation#1299, microsoft/navcontainerhelper#744',
  },
  { kind: 'client', hostBuild: 18363, imageBuild: 18363, mode: 'process', works: true, where: 'docker/for-win#5148' },
  {
    kind: 'client',
    hostBuild: 19042,
    imageBuild: 19041,
    mode: 'process',
    works: true,
    where: 'MicrosoftDocs/Virtualization-Documentation#1537',
  },
  {
    kind: 'client',
    hostBuild: 19042,
    imageBuild: 19041,
    mode: 'process',
    works: false,
    where: 'docker/for-win#9278',
    detail: 'hcsshim::System::Start: context deadline exceeded',
  },
  {
    kind: 'client',
    hostBuild: 19043,
    imageBuild: 19041,
    mode: 'process',
    works: true,
    where: 'microsoft/nav-docker#497',
  },
  {
    kind: 'client',
    hostBuild: 19043,
    imageBuild: 19042,
    mode: 'process',
    works: false,
    where: 'microsoft/nav-docker#497, microsoft/Windows-Containers#163',
  },
  {
    kind: 'client',
    hostBuild: 19044,
    imageBuild: 19041,
    mode: 'process',
    works: true,
    product: 'nanoserver',
    where: 'microsoft/Windows-Containers#406',
    detail: 'nanoserver:2004',
  },
  {
    kind: 'client',
    hostBuild: 19044,
    imageBuild: 20348,
    mode: 'pull',
    works: false,
    where: 'MicrosoftDocs/Virtualization-Documentation#1786',
    detail:
      'a Windows version 10.0.20348-based image is incompatible with a 10.0.19044 host (even with --isolation=hyperv)',
  },
  {
    kind: 'client',
    hostBuild: 19045,
    imageBuild: 17763,
    mode: 'process',
    works: false,
    where: 'microsoft/Windows-Containers#352, #399',
    detail: 'hcs::CreateComputeSystem ...: The container operating system does not match the host operating system.',
  },
  {
    kind: 'client',
    hostBuild: 22000,
    imageBuild: 20348,
    mode: 'process',
    works: true,
    where: 'microsoft/Windows-Containers#192, #117',
  },
  {
    kind: 'client',
    hostBuild: 22621,
    imageBuild: 20348,
    mode: 'process',
    works: true,
    where: 'microsoft/Windows-Containers#302',
  },
  {
    kind: 'client',
    hostBuild: 22621,
    imageBuild: 20348,
    mode: 'process',
    works: false,
    where: 'microsoft/Windows-Containers#525',
    detail: 'intermittent 0x6be / 0xc0370106',
  },
  {
    kind: 'client',
    hostBuild: 26200,
    imageBuild: 20348,
    mode: 'process',
    works: true,
    where: 'microsoft/hcsshim#2566',
    detail: '"LTSC 2022 works fine"',
  },
  {
    kind: 'client',
    hostBuild: 26200,
    imageBuild: 26100,
    mode: 'process',
    works: false,
    where: 'microsoft/hcsshim#2566',
    detail: '0xc0370112, Engine 29.0.1',
  },
  {
    kind: 'client',
    hostBuild: 26200,
    imageBuild: 26100,
    mode: 'hyperv',
    works: false,
    where: 'microsoft/hcsshim#2566',
    detail: '0xc0370112',
  },
];
