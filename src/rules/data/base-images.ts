import type { BaseImageEntry, BaseProduct } from '../model.js';

/** The images of one Windows release: they share build and dates. */
interface ReleaseImages {
  readonly build: number;
  /** Tags by product; today's tag first, every tag of a list means the same image. */
  readonly tags: Readonly<Partial<Record<BaseProduct, readonly string[]>>>;
  readonly released?: string;
  readonly mainstreamEnd?: string;
  readonly endOfSupport?: string;
  /** Where the tags are written down, if not in the lifecycle page's own rows. */
  readonly tagSource?: string;
  readonly note?: string;
}

/**
 * Microsoft's container base images and their tags. A new release is one entry here.
 *
 * Source of builds and dates: MicrosoftDocs/Virtualization-Documentation, deploy-containers/base-image-lifecycle.md @ b9fb379f
 * (content of 2025-07-15; rows that it dropped in 2025-06: @ 64e3c0be^). `server` is the "Datacenter Container" of that page.
 */
const releases: readonly ReleaseImages[] = [
  {
    build: 26100,
    tags: { nanoserver: ['ltsc2025'], servercore: ['ltsc2025'], server: ['ltsc2025'] },
    released: '2024-11-01',
    mainstreamEnd: '2029-10-09',
    endOfSupport: '2034-10-10',
    tagSource: 'container-base-images.md; docker-library/repo-info; docker/for-win#14287',
  },
  {
    build: 20348,
    tags: { nanoserver: ['ltsc2022'], servercore: ['ltsc2022'], server: ['ltsc2022'] },
    released: '2021-08-18',
    mainstreamEnd: '2026-10-13',
    endOfSupport: '2031-10-14',
    tagSource: 'gitlab-org/gitlab-runner#28168',
  },
  {
    build: 20348,
    tags: { nanoserver: ['win10-21h1-preview'], servercore: ['win10-21h1-preview'], server: ['win10-21h1-preview'] },
    tagSource: 'version-compatibility.md @ 625cdb25 (2021-09-09)',
    note: 'temporary 2022 images for Windows 10 21H1 hosts, Hyper-V isolation only',
  },
  {
    build: 19042,
    tags: { nanoserver: ['20H2'], servercore: ['20H2'], windows: ['20H2'] },
    released: '2020-10-20',
    endOfSupport: '2022-08-09',
  },
  {
    build: 19041,
    tags: { nanoserver: ['2004'], servercore: ['2004'], windows: ['2004'] },
    released: '2020-05-27',
    endOfSupport: '2021-12-14',
  },
  {
    build: 18363,
    tags: { nanoserver: ['1909'], servercore: ['1909'], windows: ['1909'] },
    released: '2019-11-12',
    endOfSupport: '2021-05-11',
  },
  {
    build: 18362,
    tags: { nanoserver: ['1903'], servercore: ['1903'], windows: ['1903'] },
    released: '2019-05-21',
    endOfSupport: '2020-12-08',
  },
  {
    build: 17763,
    tags: { nanoserver: ['1809', 'ltsc2019'], servercore: ['ltsc2019', '1809'], windows: ['1809', 'ltsc2019'] },
    released: '2018-11-13',
    mainstreamEnd: '2024-01-09',
    endOfSupport: '2029-01-09',
    tagSource:
      'techcommunity ba-p/382430; microsoft/Windows-Containers#352; nanoserver:ltsc2019 by public Dockerfiles that inspected it',
    note: 'nanoserver and windows first had 2020-05-12 as end of support, later extended',
  },
  {
    build: 17134,
    tags: { nanoserver: ['1803'], servercore: ['1803'] },
    released: '2018-04-30',
    endOfSupport: '2019-11-12',
  },
  {
    build: 16299,
    tags: { nanoserver: ['1709'], servercore: ['1709'] },
    released: '2017-10-17',
    endOfSupport: '2019-04-09',
    tagSource: 'version-compatibility.md; techcommunity ba-p/382430',
  },
  {
    build: 14393,
    tags: { servercore: ['ltsc2016'] },
    released: '2016-10-15',
    mainstreamEnd: '2022-01-11',
    endOfSupport: '2027-01-11',
    tagSource: 'techcommunity ba-p/382430',
  },
  {
    build: 14393,
    tags: { nanoserver: ['sac2016'] },
    released: '2016-10-15',
    endOfSupport: '2018-10-09',
    tagSource: 'dotnet/dotnet-docker discussion 3647 (microsoft/nanoserver:sac2016)',
  },
];

/** One entry for each image, newest release first. */
export const baseImages: readonly BaseImageEntry[] = releases.flatMap(({ tags, ...release }) =>
  (['nanoserver', 'servercore', 'server', 'windows'] as const).flatMap((product) => {
    const own = tags[product];
    return own === undefined ? [] : [{ ...release, product, tags: own }];
  }),
);
