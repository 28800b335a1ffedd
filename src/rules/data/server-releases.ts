import type { HostRelease } from '../model.js';

/** What tells one Windows Server release from another. ISO dates. */
type ServerRow = Omit<HostRelease, 'id' | 'kind' | 'build' | 'version'>;

/**
 * Every Windows Server release that can be a container host: id after "windows-server-", version, build. A new release is one row here.
 *
 * Source: endoflife-date/endoflife.date, products/windows-server.md @ a70eca337 (2026-08-22).
 */
export const serverReleases: readonly HostRelease[] = [
  server('2016', '1607', 14393, {
    name: 'Windows Server 2016',
    channel: 'LTSC',
    released: '2016-10-15',
    endOfSupport: '2027-01-12',
    mainstreamEnd: '2022-01-11',
    note: 'MS base-image-lifecycle.md says extended end 01/11/2027 (one day earlier)',
  }),
  server('1709', '1709', 16299, {
    name: 'Windows Server, version 1709',
    channel: 'SAC',
    released: '2017-10-17',
    endOfSupport: '2019-04-09',
  }),
  server('1803', '1803', 17134, {
    name: 'Windows Server, version 1803',
    channel: 'SAC',
    released: '2018-04-30',
    endOfSupport: '2019-11-12',
  }),
  server('2019', '1809', 17763, {
    name: 'Windows Server 2019',
    channel: 'LTSC',
    released: '2018-11-13',
    endOfSupport: '2029-01-09',
    mainstreamEnd: '2024-01-09',
  }),
  server('1809', '1809', 17763, {
    name: 'Windows Server, version 1809',
    channel: 'SAC',
    released: '2018-11-13',
    endOfSupport: '2020-11-10',
  }),
  server('1903', '1903', 18362, {
    name: 'Windows Server, version 1903',
    channel: 'SAC',
    released: '2019-05-21',
    endOfSupport: '2020-12-08',
  }),
  server('1909', '1909', 18363, {
    name: 'Windows Server, version 1909',
    channel: 'SAC',
    released: '2019-11-12',
    endOfSupport: '2021-05-11',
  }),
  server('2004', '2004', 19041, {
    name: 'Windows Server, version 2004',
    channel: 'SAC',
    released: '2020-05-27',
    endOfSupport: '2021-12-14',
  }),
  server('20h2', '20H2', 19042, {
    name: 'Windows Server, version 20H2',
    channel: 'SAC',
    released: '2020-10-20',
    endOfSupport: '2022-08-09',
  }),
  server('2022', '21H2', 20348, {
    name: 'Windows Server 2022',
    channel: 'LTSC',
    released: '2021-08-18',
    endOfSupport: '2031-10-14',
    mainstreamEnd: '2026-10-13',
  }),
  server('23h2', '23H2', 25398, {
    name: 'Windows Server, version 23H2 (Annual Channel for Containers)',
    channel: 'AC',
    released: '2023-10-24',
    endOfSupport: '2025-10-24',
    mainstreamEnd: '2025-04-24',
  }),
  server('2025', '24H2', 26100, {
    name: 'Windows Server 2025',
    channel: 'LTSC',
    released: '2024-11-01',
    endOfSupport: '2034-10-10',
    mainstreamEnd: '2029-10-09',
    note: 'version 24H2 per gitlab.com/gitlab-org/gitlab-runner/-/issues/38316 (hcsshim names the constant V25H1Server)',
  }),
];

function server(id: string, version: string, build: number, row: ServerRow): HostRelease {
  return { id: `windows-server-${id}`, kind: 'server', version, build, ...row };
}
